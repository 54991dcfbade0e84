"""Decks of cards."""

import time

from modules import http, user_db
from modules.errors import ApiError


def list_decks(_event, username):
    with user_db.opened(username) as db:
        rows = db.execute(
            """
            SELECT decks.id, decks.name, COUNT(cards.id) AS cards, COALESCE(SUM(cards.due <= ?), 0) AS due
            FROM decks LEFT JOIN cards ON cards.deck_id = decks.id
            GROUP BY decks.id ORDER BY decks.name
            """,
            (int(time.time()),),
        ).fetchall()
    return http.response(200, {"decks": [dict(row) for row in rows]})


def create(event, username):
    name = http.text_field(http.json_body(event), "name", 100)
    with user_db.opened(username, change=True) as db:
        deck_id = db.execute("INSERT INTO decks (name) VALUES (?)", (name,)).lastrowid
    return http.response(201, {"id": deck_id, "name": name})


def delete(event, username):
    deck_id = http.number_in_path(event, "deckId")
    with user_db.opened(username, change=True) as db:
        found = db.execute("DELETE FROM decks WHERE id = ?", (deck_id,)).rowcount
    if not found:
        raise ApiError(404, "No such deck.")
    return http.response(200, {"deleted": deck_id})
