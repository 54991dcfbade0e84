const byId = (id) => document.getElementById(id);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let deckId = null;
let card = null;

async function call(method, path, body, attempt = 1) {
  const headers = { "content-type": "application/json" };
  const token = localStorage.getItem("access_token");
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(window.API_URL + path, {
    method,
    headers,
    body: body && JSON.stringify(body),
  });
  if (answer.status === 401 && path !== "/api/login" && attempt === 1 && (await refresh())) {
    return call(method, path, body, attempt + 1);
  }
  if (answer.status === 409 && path !== "/api/register" && attempt < 4) {
    await pause(1000 * attempt);
    return call(method, path, body, attempt + 1);
  }
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

async function refresh() {
  const token = localStorage.getItem("refresh_token");
  if (!token) return false;
  const answer = await fetch(`${window.API_URL}/api/refresh`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) return false;
  localStorage.setItem("access_token", (await answer.json()).access_token);
  return true;
}

function show(section) {
  byId("message").textContent = "";
  for (const id of ["login", "decks", "review"]) byId(id).hidden = id !== section;
}

function guarded(action) {
  return async (event) => {
    event?.preventDefault();
    try {
      await action(event);
    } catch (error) {
      byId("message").textContent = error.message;
    }
  };
}

async function login(event) {
  const form = new FormData(byId("login"));
  const tokens = await call("POST", `/api/${event.submitter.value}`, Object.fromEntries(form));
  localStorage.setItem("access_token", tokens.access_token);
  localStorage.setItem("refresh_token", tokens.refresh_token);
  await startSession();
  await showDecks();
}

async function startSession() {
  try {
    await call("POST", "/api/session/start");
  } catch (error) {
    console.warn("session/start:", error.message);
  }
}

async function showDecks() {
  const { decks } = await call("GET", "/api/decks");
  const list = byId("decks").querySelector("ul");
  list.replaceChildren(
    ...decks.map((deck) => {
      const button = document.createElement("button");
      button.textContent = `${deck.name}: ${deck.due} of ${deck.cards} due`;
      button.onclick = guarded(() => {
        deckId = deck.id;
        return showNext();
      });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
  show("decks");
}

async function showNext() {
  ({ card } = await call("GET", `/api/review/next?deckId=${deckId}`));
  if (!card) return showDecks();
  show("review");
  byId("front").textContent = card.front;
  byId("back").textContent = card.back;
  byId("back").hidden = byId("ratings").hidden = true;
  byId("show").hidden = false;
}

async function rate(event) {
  await call("POST", "/api/review", { cardId: card.id, rating: Number(event.target.value) });
  await showNext();
}

async function logout() {
  await call("POST", "/api/session/end");
  localStorage.clear();
  show("login");
}

byId("login").onsubmit = guarded(login);
byId("logout").onclick = guarded(logout);
byId("leave").onclick = guarded(showDecks);
byId("show").onclick = () => {
  byId("back").hidden = byId("ratings").hidden = false;
  byId("show").hidden = true;
};
for (const button of byId("ratings").children) button.onclick = guarded(rate);
if (localStorage.getItem("access_token")) guarded(showDecks)();
