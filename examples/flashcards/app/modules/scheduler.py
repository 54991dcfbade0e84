"""When a card is due again (a simplified SM-2)."""

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
RATINGS = (AGAIN, HARD, GOOD, EASY)

_DAY = 24 * 60 * 60
_EASE_CHANGE = {AGAIN: -0.2, HARD: -0.15, GOOD: 0.0, EASY: 0.15}


def schedule(interval_days, ease, rating, now):
    """(due, interval in days, ease) after a review at `now`, in seconds since 1970."""
    ease = max(1.3, ease + _EASE_CHANGE[rating])
    if rating == AGAIN:
        return now + 60, 0, ease
    if interval_days == 0:
        interval_days = 4 if rating == EASY else 1
    elif rating == HARD:
        interval_days *= 1.2
    else:
        interval_days *= ease
    return now + int(interval_days * _DAY), interval_days, ease
