// POST /bookings/{bookingId}/join: notes that the guest is in the room.
const { CognitoJwtVerifier } = require("aws-jwt-verify");
const { UpdateCommand } = require("@aws-sdk/lib-dynamodb");
const { dynamodb } = require("./clients");

// The API checks the token already; the room server calls the function directly as well.
const verifier = CognitoJwtVerifier.create({
  userPoolId: process.env.USER_POOL_ID,
  clientId: process.env.USER_POOL_CLIENT_ID,
  tokenUse: "id",
});

exports.handler = async (event) => {
  const header = event.headers.Authorization || event.headers.authorization || "";
  let claims;
  try {
    claims = await verifier.verify(header.replace(/^Bearer /, ""));
  } catch {
    return { statusCode: 401, body: JSON.stringify({ message: "Please sign in." }) };
  }
  try {
    await dynamodb.send(
      new UpdateCommand({
        TableName: process.env.BOOKINGS_TABLE,
        Key: { bookingId: event.pathParameters.bookingId },
        UpdateExpression: "SET joinedAt = :now",
        ConditionExpression: "guestEmail = :email",
        ExpressionAttributeValues: { ":now": new Date().toISOString(), ":email": claims.email },
      }),
    );
  } catch (error) {
    if (error.name === "ConditionalCheckFailedException") {
      return { statusCode: 404, body: JSON.stringify({ message: "No such booking." }) };
    }
    throw error;
  }
  return { statusCode: 204, body: "" };
};
