// SDK clients of all functions here; the SDK itself comes with the runtime.
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient } = require("@aws-sdk/lib-dynamodb");
const { SecretsManagerClient } = require("@aws-sdk/client-secrets-manager");
const { SNSClient } = require("@aws-sdk/client-sns");
const { SQSClient } = require("@aws-sdk/client-sqs");

const patience = { maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 2000 } };

exports.dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(patience));
exports.secrets = new SecretsManagerClient(patience);
exports.sns = new SNSClient(patience);
exports.sqs = new SQSClient(patience);
