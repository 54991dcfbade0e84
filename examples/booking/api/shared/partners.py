"""Companies that take the bookings of their people into an account of their own."""

import re

from shared import http

_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/booking-partner-[a-z0-9-]{1,40}")


def role(fields):
    """The partner's role that a request names; nothing but a booking role is taken on."""
    arn = http.text(fields, "roleArn")
    if _ROLE.fullmatch(arn) is None:
        raise http.BadRequest("roleArn is not a booking role.")
    return arn
