"""Registration, login and token refresh."""

import re

from modules import http, passwords, tokens, users
from modules.errors import ApiError

_USERNAME = re.compile(r"[a-z0-9][a-z0-9_-]{2,31}")


def register(event):
    body = http.json_body(event)
    username = http.text_field(body, "username", 32).lower()
    password = http.text_field(body, "password", 128)
    if not _USERNAME.fullmatch(username):
        raise ApiError(400, "A user name has 3 to 32 letters, digits, '-' or '_'.")
    if len(password) < 8:
        raise ApiError(400, "A password has at least 8 characters.")
    users.add(username, passwords.hash_password(password))
    return http.response(201, _tokens(username))


def login(event):
    body = http.json_body(event)
    username = http.text_field(body, "username", 32).lower()
    password = http.text_field(body, "password", 128)
    user = users.find(username)
    if user is None or not passwords.matches(password, user["password_hash"]):
        raise ApiError(401, "User name or password is wrong.")
    return http.response(200, _tokens(username))


def refresh(event):
    username = tokens.username_from(event, kind="refresh")
    return http.response(200, {"access_token": tokens.issue(username, "access")})


def _tokens(username):
    return {
        "access_token": tokens.issue(username, "access"),
        "refresh_token": tokens.issue(username, "refresh"),
    }
