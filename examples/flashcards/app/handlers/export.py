"""All cards as a CSV file."""

import csv
import io

from modules import user_db


def download(_event, username):
    user_db.flush(username)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["deck", "front", "back"])
    with user_db.opened(username) as db:
        writer.writerows(
            tuple(row)
            for row in db.execute(
                """
                SELECT decks.name, cards.front, cards.back
                FROM cards JOIN decks ON decks.id = cards.deck_id ORDER BY decks.name, cards.id
                """
            )
        )
    return {
        "statusCode": 200,
        "headers": {
            "content-type": "text/csv; charset=utf-8",
            "content-disposition": f'attachment; filename="{username}.csv"',
        },
        "body": file.getvalue(),
    }
