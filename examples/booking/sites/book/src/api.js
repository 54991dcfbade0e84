// CloudFront forwards /api to the stage of the same name, so there is one origin only.
const API = "/api";

async function call(method, path, body) {
  const response = await fetch(`${API}${path}`, {
    method,
    headers: { "Content-Type": "application/json", Authorization: sessionStorage.getItem("idToken") || "" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(30000),
  });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    throw new Error(answer.message);
  }
  return answer;
}

export const slots = (day) => call("GET", `/slots?day=${encodeURIComponent(day)}`);
export const hold = (slotId) => call("POST", "/slots/hold", { slotId });
export const book = (booking) => call("POST", "/bookings", booking);
export const bookings = () => call("GET", "/bookings");
export const cancel = (id) => call("DELETE", `/bookings/${id}`);
export const reschedule = (id, slotId) => call("POST", `/bookings/${id}/reschedule`, { slotId });

export function confirm(id) {
  return fetch(`/api/bookings/${id}/confirm`, { method: "POST" });
}
