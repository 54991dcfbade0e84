"""Cards of a deck."""

import time

from modules import http, user_db
from modules.errors import ApiError

_LONGEST = 2000


def list_cards(event, username):
    deck_id = http.number_in_path(event, "deckId")
    with user_db.opened(username) as db:
        rows = db.execute(
            "SELECT id, front, back, due FROM cards WHERE deck_id = ? ORDER BY id", (deck_id,)
        ).fetchall()
    return http.response(200, {"cards": [dict(row) for row in rows]})


def create(event, username):
    deck_id = http.number_in_path(event, "deckId")
    body = http.json_body(event)
    front = http.text_field(body, "front", _LONGEST)
    back = http.text_field(body, "back", _LONGEST)
    with user_db.opened(username, change=True) as db:
        if db.execute("SELECT 1 FROM decks WHERE id = ?", (deck_id,)).fetchone() is None:
            raise ApiError(404, "No such deck.")
        card_id = db.execute(
            "INSERT INTO cards (deck_id, front, back, due) VALUES (?, ?, ?, ?)",
            (deck_id, front, back, int(time.time())),
        ).lastrowid
    return http.response(201, {"id": card_id})


def update(event, username):
    card_id = http.number_in_path(event, "cardId")
    body = http.json_body(event)
    front = http.text_field(body, "front", _LONGEST)
    back = http.text_field(body, "back", _LONGEST)
    with user_db.opened(username, change=True) as db:
        found = db.execute(
            "UPDATE cards SET front = ?, back = ? WHERE id = ?", (front, back, card_id)
        ).rowcount
    if not found:
        raise ApiError(404, "No such card.")
    return http.response(200, {"id": card_id})


def delete(event, username):
    card_id = http.number_in_path(event, "cardId")
    with user_db.opened(username, change=True) as db:
        found = db.execute("DELETE FROM cards WHERE id = ?", (card_id,)).rowcount
    if not found:
        raise ApiError(404, "No such card.")
    return http.response(200, {"deleted": card_id})
