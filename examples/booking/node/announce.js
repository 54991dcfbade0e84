// New and changed bookings (the table's stream) go to the Slack channel.
const STATUS = { confirmed: "booked", cancelled: "cancelled" };

async function post(text) {
  const response = await fetch("https://slack.com/api/chat.postMessage", {
    method: "POST",
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      Authorization: `Bearer ${process.env.SLACK_BOT_TOKEN}`,
    },
    body: JSON.stringify({ channel: process.env.SLACK_CHANNEL, text }),
  });
  const answer = await response.json();
  if (!answer.ok) {
    throw new Error(`Slack: ${answer.error}`);
  }
}

exports.handler = async (event) => {
  for (const record of event.Records) {
    const booking = record.dynamodb.NewImage;
    if (!booking) {
      continue;
    }
    try {
      await post(`${booking.startsAt.S} is ${STATUS[booking.status.S] || "changed"}`);
    } catch (error) {
      console.error(JSON.stringify({ level: "ERROR", message: error.message, booking: booking.bookingId.S }));
      // the stream goes on from here: everything after this record keeps its order
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }] };
    }
  }
  return { batchItemFailures: [] };
};
