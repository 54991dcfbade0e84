// GET /bookings/{bookingId}/token: where the room of a booking is, for its guest.
const jwt = require("jsonwebtoken");
const { GetCommand } = require("@aws-sdk/lib-dynamodb");
const { dynamodb } = require("./clients");

exports.handler = async (event) => {
  const header = event.headers.Authorization || event.headers.authorization || "";
  const claims = jwt.decode(header.replace(/^Bearer /, ""));
  if (!claims || claims.exp * 1000 < Date.now()) {
    return { statusCode: 401, body: JSON.stringify({ message: "Please sign in." }) };
  }
  const { Item: booking } = await dynamodb.send(
    new GetCommand({ TableName: process.env.BOOKINGS_TABLE, Key: { bookingId: event.pathParameters.bookingId } }),
  );
  if (!booking || booking.guestEmail !== claims.email) {
    return { statusCode: 404, body: JSON.stringify({ message: "No such booking." }) };
  }
  return {
    statusCode: 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ room: `${process.env.ROOM_URL}/${booking.bookingId}` }),
  };
};
