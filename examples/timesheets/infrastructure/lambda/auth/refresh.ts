import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { APIGatewayProxyEvent } from "aws-lambda";
import * as jwt from "jsonwebtoken";
import { answer, fields } from "../shared/http";

const secrets = new SecretsManagerClient({
  maxAttempts: 2,
  requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 2000 }),
});
let cached = { value: "", until: 0 };

async function secret(): Promise<string> {
  if (Date.now() > cached.until) {
    const found = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.JWT_SECRET_ARN }));
    cached = { value: found.SecretString ?? "", until: Date.now() + 300_000 };
  }
  return cached.value;
}

export const handler = async (event: APIGatewayProxyEvent) => {
  const { refreshToken } = fields(event);
  if (typeof refreshToken !== "string") {
    return answer(event, 400, { message: "refreshToken is missing." });
  }
  const key = await secret();
  let claims: jwt.JwtPayload;
  try {
    const options = { algorithms: ["HS256" as const], audience: "refresh", issuer: "timesheets", maxAge: "30d" };
    claims = jwt.verify(refreshToken, key, options) as jwt.JwtPayload;
  } catch {
    return answer(event, 401, { message: "Please sign in again." });
  }
  const accessToken = jwt.sign({ team: claims.team }, key, {
    algorithm: "HS256",
    audience: "api",
    expiresIn: "30m",
    issuer: "timesheets",
    subject: claims.sub,
  });
  return answer(event, 200, { accessToken });
};
