import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

const ORIGINS = new Set((process.env.ALLOWED_ORIGINS ?? "").split(","));

/** An answer; only our own sites may read it with the user's credentials. */
export function answer(event: APIGatewayProxyEvent, statusCode: number, body: unknown): APIGatewayProxyResult {
  const origin = event.headers.origin ?? event.headers.Origin ?? "";
  const allowed: Record<string, string> = ORIGINS.has(origin)
    ? { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", Vary: "Origin" }
    : {};
  return { statusCode, headers: { "Content-Type": "application/json", ...allowed }, body: JSON.stringify(body) };
}

/** The caller, whom the authorizer has checked. */
export function caller(event: APIGatewayProxyEvent): { userId: string; team: string } {
  const { principalId, team } = event.requestContext.authorizer as { principalId: string; team: string };
  return { userId: principalId, team };
}

export function fields(event: APIGatewayProxyEvent): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(event.body ?? "");
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
