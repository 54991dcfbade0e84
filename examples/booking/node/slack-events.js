// POST /slack/events: checks that Slack sent it, and queues it for the Enclave. Slack waits three seconds.
const { createHmac, timingSafeEqual } = require("node:crypto");
const { GetSecretValueCommand } = require("@aws-sdk/client-secrets-manager");
const { SendMessageCommand } = require("@aws-sdk/client-sqs");
const { secrets, sqs } = require("./clients");

const FIVE_MINUTES = 300;
let secret = { value: null, until: 0 };

async function signingSecret() {
  if (Date.now() > secret.until) {
    const found = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.SIGNING_SECRET_ARN }));
    secret = { value: found.SecretString, until: Date.now() + FIVE_MINUTES * 1000 };
  }
  return secret.value;
}

async function fromSlack(headers, body) {
  const timestamp = headers["X-Slack-Request-Timestamp"] || "";
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > FIVE_MINUTES) {
    return false;
  }
  const expected = createHmac("sha256", await signingSecret()).update(`v0:${timestamp}:${body}`).digest("hex");
  const stated = Buffer.from(headers["X-Slack-Signature"] || "");
  const wanted = Buffer.from(`v0=${expected}`);
  return stated.length === wanted.length && timingSafeEqual(stated, wanted);
}

exports.handler = async (event) => {
  if (!(await fromSlack(event.headers, event.body || ""))) {
    return { statusCode: 401, body: "" };
  }
  const payload = JSON.parse(event.body);
  if (payload.type === "url_verification") {
    return { statusCode: 200, headers: { "Content-Type": "text/plain" }, body: payload.challenge };
  }
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: JSON.stringify(payload.event) }));
  return { statusCode: 200, body: "" };
};
