"""One comment on a pull request of GitHub or a merge request of GitLab: found again by a hidden marker, written or updated in place.

https://docs.github.com/en/rest/issues/comments and https://docs.gitlab.com/api/notes/. The token goes to the API's own address and is never shown.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from stackworthy.cli.errors import Refusal

MARKER = "<!-- stackworthy: this comment is kept up to date -->"
TIMEOUT_SECONDS = 20
ATTEMPTS = 4
MAX_WAIT_SECONDS = 60.0
MAX_PAGES = 50
MAX_ANSWER = 32 * 2**20
_LOCAL = ("localhost", "127.0.0.1", "::1")


class _Busy(Exception):
    """The server asks to come again later: in so many seconds, None when it does not say."""

    def __init__(self, what: str, wait: float | None) -> None:
        super().__init__(what)
        self.wait = wait


class _Staying(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the token is for one server only."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Api:
    """Asks one server, with a token in a header."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise Refusal(f"{address} is no https address", "a token is sent over https only")
        self._address = address.rstrip("/")
        self._headers = {"User-Agent": "stackworthy", "Content-Type": "application/json", **headers}
        self._opener = urllib.request.build_opener(_Staying)

    def ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
        """The decoded answer. Raises `Refusal`, or `_Busy` when it is worth asking again."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(  # noqa: S310  the scheme is checked above
            self._address + path, data, dict(self._headers), method=method
        )
        what = f"{method} {self._address}{path}"
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                content = answer.read(MAX_ANSWER)
        except urllib.error.HTTPError as error:
            with error:
                raise _told(what, error) from None
        except (urllib.error.URLError, TimeoutError, HTTPException, ConnectionError) as error:
            raise _Busy(f"{what}: {getattr(error, 'reason', error)}", None) from None
        try:
            return json.loads(content)
        except ValueError:
            raise Refusal(f"{what}: the answer is no JSON", "is this the address of the API?") from None


def _told(what: str, error: urllib.error.HTTPError) -> Exception:
    """What an answer that is no success means."""
    limited = error.code == 429 or (error.code == 403 and "Retry-After" in error.headers)
    if limited or error.code >= 500:
        stated = error.headers.get("Retry-After", "")
        return _Busy(f"{what}: {error.code} {error.reason}", float(stated) if stated.isdigit() else None)
    hints = {
        401: "the token is not valid",
        403: "the token may not do this: it needs to write to pull requests (GitHub: pull-requests: write; GitLab: scope api)",
        404: "the token may not see it, or it is not there",
    }
    return Refusal(f"{what}: {error.code} {error.reason}", hints.get(error.code, ""))


class GitHub:
    """Comments of a pull request."""

    limit = 65_536
    name = "GitHub"

    def __init__(self, address: str, repository: str, number: str, token: str) -> None:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._api = Api(address, headers)
        self._repository = f"/repos/{urllib.parse.quote(repository)}"
        self._number = urllib.parse.quote(number, safe="")
        self._of_app = token.startswith("ghs_")

    def find(self) -> str | None:
        """The id of our comment. Anybody may write the marker: only one that this token's user wrote is ours."""
        me = None if self._of_app else _login(self._api, "login")
        for page in range(1, MAX_PAGES + 1):
            path = f"{self._repository}/issues/{self._number}/comments?per_page=100&page={page}"
            found = self._api.ask("GET", path)
            for comment in found:
                author = comment.get("user") or {}
                ours = author.get("type") == "Bot" if self._of_app else author.get("login") == me
                if ours and str(comment.get("body") or "").startswith(MARKER):
                    return str(comment["id"])
            if len(found) < 100:
                return None
        return None

    def create(self, body: str) -> str:
        """Write the comment; its address."""
        made = self._api.ask("POST", f"{self._repository}/issues/{self._number}/comments", {"body": body})
        return str(made.get("html_url", ""))

    def update(self, id: str, body: str) -> str:
        """Replace the comment's text; its address."""
        made = self._api.ask("PATCH", f"{self._repository}/issues/comments/{id}", {"body": body})
        return str(made.get("html_url", ""))


class GitLab:
    """Notes of a merge request."""

    limit = 1_000_000
    name = "GitLab"

    def __init__(self, address: str, project: str, number: str, token: str, *, of_job: bool) -> None:
        self._api = Api(address, {"JOB-TOKEN" if of_job else "PRIVATE-TOKEN": token})
        project, number = urllib.parse.quote(project, safe=""), urllib.parse.quote(number, safe="")
        self._notes = f"/projects/{project}/merge_requests/{number}/notes"

    def find(self) -> str | None:
        """The id of our note. Anybody may write the marker: only one that this token's user wrote is ours."""
        me = _login(self._api, "username")
        for page in range(1, MAX_PAGES + 1):
            found = self._api.ask("GET", f"{self._notes}?per_page=100&page={page}&sort=asc")
            for note in found:
                author = (note.get("author") or {}).get("username")
                if author == me and str(note.get("body") or "").startswith(MARKER):
                    return str(note["id"])
            if len(found) < 100:
                return None
        return None

    def create(self, body: str) -> str:
        """Write the note; GitLab gives it no address of its own."""
        self._api.ask("POST", self._notes, {"body": body})
        return ""

    def update(self, id: str, body: str) -> str:
        """Replace the note's text."""
        self._api.ask("PUT", f"{self._notes}/{id}", {"body": body})
        return ""


def _login(api: Api, key: str) -> str:
    """The name of the token's user."""
    found = api.ask("GET", "/user")
    name = found.get(key) if isinstance(found, dict) else None
    if not isinstance(name, str):
        raise Refusal("the server does not say whose token this is", "give the token of a user, bot or app")
    return name


def write(forge: GitHub | GitLab, body: str) -> str:
    """Write or update the comment; what was done. A busy server is asked again a few times, and each time whether the comment is there by now."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            id = forge.find()
            where = forge.create(body) if id is None else forge.update(id, body)
        except _Busy as busy:
            if attempt == ATTEMPTS:
                raise Refusal(str(busy), f"{forge.name} was asked {ATTEMPTS} times") from None
            wait = busy.wait if busy.wait is not None else 2.0**attempt / 2
            time.sleep(min(wait, MAX_WAIT_SECONDS))
        else:
            return f"{'wrote' if id is None else 'updated'} the comment {where}".rstrip()
    raise AssertionError("the last attempt returns or raises")
