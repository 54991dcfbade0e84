"""A user's SQLite database: kept in S3, worked on in /tmp.

Downloading and uploading for every review made two S3 requests per request, so changes are
collected in /tmp and uploaded after FLUSH_EVERY of them. The ETag of the download guards the
upload: S3 refuses it if someone else has written meanwhile.
"""

import logging
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
from botocore.exceptions import ClientError

from modules import config, locks, sessions
from modules.errors import ApiError

logger = logging.getLogger(__name__)
_s3 = boto3.client("s3")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS decks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cards (
    id INTEGER PRIMARY KEY,
    deck_id INTEGER NOT NULL REFERENCES decks (id) ON DELETE CASCADE,
    front TEXT NOT NULL,
    back TEXT NOT NULL,
    due INTEGER NOT NULL,
    interval_days REAL NOT NULL DEFAULT 0,
    ease REAL NOT NULL DEFAULT 2.5
);
CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY,
    card_id INTEGER NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    rating INTEGER NOT NULL,
    reviewed_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS cards_by_due ON cards (deck_id, due);
"""


@dataclass
class LocalCopy:
    path: str
    etag: str | None
    pending: int = 0


_copies: dict[str, LocalCopy] = {}


@contextmanager
def opened(username, *, change=False):
    """The user's database as a connection; with `change`, counts towards the next upload."""
    copy = _current_copy(username)
    connection = sqlite3.connect(copy.path)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    try:
        with connection:
            yield connection
    finally:
        connection.close()
    if change:
        copy.pending += 1
        if copy.pending >= config.FLUSH_EVERY:
            flush(username)


def flush(username):
    """Upload pending changes, if there are any."""
    copy = _copies.get(username)
    if copy is None or not copy.pending:
        return
    condition = {"IfMatch": copy.etag} if copy.etag else {"IfNoneMatch": "*"}
    with open(copy.path, "rb") as file, locks.held(username):
        try:
            answer = _s3.put_object(Bucket=config.USER_DBS_BUCKET, Key=_key(username), Body=file, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                _forget(username)
                raise ApiError(409, "Your cards have changed elsewhere. Please reload.") from None
            raise
    logger.info("database uploaded", extra={"changes": copy.pending})
    copy.etag = answer["ETag"]
    copy.pending = 0


def _current_copy(username):
    held_before = sessions.claim(username)
    if held_before and username in _copies:
        logger.info("session cache hit")
        return _copies[username]
    _forget(username)
    logger.info("session cache miss")
    copy = LocalCopy(path=f"/tmp/{username}.db", etag=_download(username))
    with sqlite3.connect(copy.path) as connection:
        connection.executescript(_SCHEMA)
    connection.close()
    _copies[username] = copy
    return copy


def _download(username):
    try:
        answer = _s3.get_object(Bucket=config.USER_DBS_BUCKET, Key=_key(username))
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    with open(f"/tmp/{username}.db", "wb") as file:
        file.write(answer["Body"].read())
    return answer["ETag"]


def _forget(username):
    _copies.pop(username, None)
    if os.path.exists(f"/tmp/{username}.db"):
        os.remove(f"/tmp/{username}.db")


def _key(username):
    return f"users/{username}.db"
