"""Start and end of a study session."""

from modules import http, sessions, user_db


def start(event, _username):
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    sessions.claim(claims["sub"])
    return http.response(200, {"expires_at": int(sessions.find(claims["sub"])["expires_at"])})


def end(_event, username):
    user_db.flush(username)
    session = sessions.find(username)
    if session and session["container"] == sessions.CONTAINER:
        sessions.release(username)
    return http.response(200, {"saved": True})
