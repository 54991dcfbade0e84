const status = document.getElementById("status");
const id = new URLSearchParams(location.search).get("booking");
const headers = { Authorization: `Bearer ${sessionStorage.getItem("idToken")}` };

async function open() {
  const response = await fetch(`/api/bookings/${id}/token`, { headers, signal: AbortSignal.timeout(10000) });
  const answer = await response.json();
  if (!response.ok) {
    status.textContent = answer.message;
    return;
  }
  const room = document.getElementById("room");
  room.href = answer.room;
  room.hidden = false;
  status.textContent = "Your room is ready.";
  await fetch(`/api/bookings/${id}/join`, { method: "POST", headers, signal: AbortSignal.timeout(10000) });
}

open();
