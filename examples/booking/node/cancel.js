// DELETE /bookings/{bookingId}: cancels a booking of the caller.
const { UpdateCommand } = require("@aws-sdk/lib-dynamodb");
const { PublishCommand } = require("@aws-sdk/client-sns");
const { dynamodb, sns } = require("./clients");

const EVENTS_TOPIC = "arn:aws:sns:us-east-1:111122223333:booking-events-prod";

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" },
  body: JSON.stringify(body),
});

exports.handler = async (event) => {
  console.log("cancel", JSON.stringify(event));
  const { bookingId } = event.pathParameters;
  const { email } = event.requestContext.authorizer.claims;

  let cancelled;
  try {
    const result = await dynamodb.send(
      new UpdateCommand({
        TableName: process.env.BOOKINGS_TABLE,
        Key: { bookingId },
        UpdateExpression: "SET #status = :cancelled",
        ConditionExpression: "guestEmail = :email AND #status = :confirmed",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":cancelled": "cancelled", ":confirmed": "confirmed", ":email": email },
        ReturnValues: "ALL_NEW",
      }),
    );
    cancelled = result.Attributes;
  } catch (error) {
    if (error.name === "ConditionalCheckFailedException") {
      return answer(404, { message: "No such booking." });
    }
    throw error;
  }

  await sns.send(
    new PublishCommand({
      TopicArn: EVENTS_TOPIC,
      Message: JSON.stringify({ bookingId, day: cancelled.day }),
      MessageAttributes: { type: { DataType: "String", StringValue: "booking.cancelled" } },
    }),
  );
  return answer(200, { bookingId, status: cancelled.status });
};
