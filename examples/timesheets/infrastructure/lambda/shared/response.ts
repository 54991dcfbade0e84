import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

/** An answer for the browser or the desktop application that asked. New handlers use http.ts. */
export function respond(event: APIGatewayProxyEvent, statusCode: number, body: unknown): APIGatewayProxyResult {
  return {
    statusCode,
    headers: {
      "Content-Type": "application/json",
      "Access-Control-Allow-Origin": event.headers.origin ?? event.headers.Origin ?? "*",
      "Access-Control-Allow-Credentials": "true",
    },
    body: JSON.stringify(body),
  };
}
