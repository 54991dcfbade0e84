"""What a user has done so far."""

import time

from modules import http, user_db

_DAY = 24 * 60 * 60


def summary(_event, username):
    now = int(time.time())
    with user_db.opened(username) as db:
        cards, due = db.execute("SELECT COUNT(*), COALESCE(SUM(due <= ?), 0) FROM cards", (now,)).fetchone()
        today, good = db.execute(
            "SELECT COUNT(*), COALESCE(SUM(rating >= 3), 0) FROM reviews WHERE reviewed_at > ?", (now - _DAY,)
        ).fetchone()
    return http.response(200, {"cards": cards, "due": due, "reviews_today": today, "good_today": good})
