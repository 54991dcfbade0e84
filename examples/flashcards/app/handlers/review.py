"""Reviewing: the next card that is due, and the answer to it."""

import time

from modules import http, scheduler, user_db
from modules.errors import ApiError


def next_card(event, username):
    deck_id = (event.get("queryStringParameters") or {}).get("deckId")
    if deck_id is None or not deck_id.isdigit():
        raise ApiError(400, "'deckId' is missing.")
    with user_db.opened(username) as db:
        card = db.execute(
            "SELECT id, front, back FROM cards WHERE deck_id = ? AND due <= ? ORDER BY due LIMIT 1",
            (int(deck_id), int(time.time())),
        ).fetchone()
    return http.response(200, {"card": dict(card) if card else None})


def answer(event, username):
    body = http.json_body(event)
    card_id, rating = body.get("cardId"), body.get("rating")
    if not isinstance(card_id, int) or rating not in scheduler.RATINGS:
        raise ApiError(400, "'cardId' and a 'rating' from 1 to 4 are needed.")
    now = int(time.time())
    with user_db.opened(username, change=True) as db:
        card = db.execute("SELECT interval_days, ease FROM cards WHERE id = ?", (card_id,)).fetchone()
        if card is None:
            raise ApiError(404, "No such card.")
        due, interval_days, ease = scheduler.schedule(card["interval_days"], card["ease"], rating, now)
        db.execute(
            "UPDATE cards SET due = ?, interval_days = ?, ease = ? WHERE id = ?",
            (due, interval_days, ease, card_id),
        )
        db.execute(
            "INSERT INTO reviews (card_id, rating, reviewed_at) VALUES (?, ?, ?)", (card_id, rating, now)
        )
    return http.response(200, {"due": due})
