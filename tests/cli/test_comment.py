"""`stackworthy comment` against a server on this machine that answers as the APIs' documentation shows.

https://docs.github.com/en/rest/issues/comments and https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.repositories import Repository, function

from stackworthy.cli import comment, forges
from stackworthy.cli.errors import Refusal
from stackworthy.core.review import FixRecord, Review

SOURCE = str(Path(__file__).parents[2] / "src")
TOKEN = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"
PERSONAL = "github_pat_11AAAAAAA0123456789abcdefghij"
COMMENTS = "/repos/octocat/hello/issues/42/comments"
NOTES = "/projects/5/merge_requests/7/notes"


def github_comment(
    id: int, body: str, login: str = "github-actions[bot]", kind: str = "Bot"
) -> dict[str, Any]:
    """An issue comment as the documentation shows it, without most of its addresses."""
    return {
        "id": id,
        "node_id": "MDEyOklzc3VlQ29tbWVudDE=",
        "url": f"https://api.github.com/repos/octocat/hello/issues/comments/{id}",
        "html_url": f"https://github.com/octocat/hello/pull/42#issuecomment-{id}",
        "body": body,
        "user": {"login": login, "id": 1, "type": kind, "site_admin": False},
        "created_at": "2011-04-14T16:00:49Z",
        "updated_at": "2011-04-14T16:00:49Z",
        "author_association": "COLLABORATOR",
    }


def gitlab_note(id: int, body: str, username: str = "project_5_bot") -> dict[str, Any]:
    """A note of a merge request as the documentation shows it."""
    return {
        "id": id,
        "body": body,
        "author": {"id": 1, "username": username, "name": "Bot", "state": "active"},
        "created_at": "2013-10-02T09:22:45Z",
        "system": False,
        "noteable_id": 377,
        "noteable_type": "MergeRequest",
        "resolvable": False,
    }


class Server:
    """Answers by method and path, and remembers what it was asked. An answer may be a list: one after the other, the last for ever."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Any] = {}
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                server.asked.append((self.command, self.path, dict(self.headers), body))
                answer = server.answers.get((self.command, self.path), (404, {"message": "Not Found"}, {}))
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                status, content, headers = answer
                encoded = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(encoded)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(encoded)

            do_GET = do_POST = do_PATCH = do_PUT = handle_one

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def on(self, method: str, path: str, content: Any = None, status: int = 200, **headers: str) -> None:
        self.answers[method, path] = (
            status,
            content,
            {name.replace("_", "-"): v for name, v in headers.items()},
        )

    def calls(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _, _ in self.asked]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(forges.time, "sleep", found.append)
    return found


def github(server: Server, token: str = TOKEN) -> forges.GitHub:
    return forges.GitHub(server.address, "octocat/hello", "42", token)


def gitlab(server: Server, *, of_job: bool = False) -> forges.GitLab:
    return forges.GitLab(server.address, "5", "7", "glpat-secret", of_job=of_job)


FIRST = f"{COMMENTS}?per_page=100&page=1"


class TestGitHub:
    def test_the_first_comment_is_written(self, server):
        server.on("GET", FIRST, [github_comment(1, "Me too")])
        server.on("POST", COMMENTS, github_comment(2, "x"), 201)
        said = forges.write(github(server), f"{forges.MARKER}\nhello")
        assert said == "wrote the comment https://github.com/octocat/hello/pull/42#issuecomment-2"
        _, _, headers, body = server.asked[-1]
        assert body == {"body": f"{forges.MARKER}\nhello"}
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert headers["X-Github-Api-Version"] == "2022-11-28"

    def test_an_earlier_comment_is_updated_in_place_on_whatever_page_it_is(self, server):
        server.on("GET", FIRST, [github_comment(n, "Me too") for n in range(100)])
        server.on("GET", f"{COMMENTS}?per_page=100&page=2", [github_comment(777, f"{forges.MARKER}\nold")])
        server.on("PATCH", "/repos/octocat/hello/issues/comments/777", github_comment(777, "x"))
        said = forges.write(github(server), f"{forges.MARKER}\nnew")
        assert said.startswith("updated the comment")
        assert server.asked[-1][3] == {"body": f"{forges.MARKER}\nnew"}

    def test_a_strangers_comment_with_our_marker_is_not_taken_for_ours(self, server):
        fake = github_comment(666, f"{forges.MARKER}\nall is well", "mallory", "User")
        server.on("GET", FIRST, [fake])
        server.on("POST", COMMENTS, github_comment(2, "x"), 201)
        assert forges.write(github(server), "x").startswith("wrote")
        server.on("GET", "/user", {"login": "octocat"})
        assert forges.write(github(server, PERSONAL), "x").startswith("wrote")
        server.on("GET", "/user", {"login": "mallory"})
        server.on("PATCH", "/repos/octocat/hello/issues/comments/666", fake)
        assert forges.write(github(server, PERSONAL), "x").startswith("updated")

    @pytest.mark.parametrize(
        ("status", "headers", "wait"),
        [
            (429, {"Retry_After": "7"}, 7.0),
            (403, {"Retry_After": "3600"}, forges.MAX_WAIT_SECONDS),
            (502, {}, 1.0),
        ],
    )
    def test_a_busy_server_is_asked_again(self, server, waits, status, headers, wait):
        server.on("GET", FIRST, [])
        server.on("POST", COMMENTS, {"message": "busy"}, status, **headers)
        busy = server.answers["POST", COMMENTS]
        server.answers["POST", COMMENTS] = [busy, (201, github_comment(2, "x"), {})]
        assert forges.write(github(server), "x").startswith("wrote")
        assert waits == [wait]

    def test_a_comment_that_was_written_though_the_answer_was_lost_is_not_written_twice(self, server, waits):
        ours = github_comment(9, f"{forges.MARKER}\nx")
        server.answers["GET", FIRST] = [(200, [], {}), (200, [ours], {})]
        server.on("POST", COMMENTS, {}, 500)
        server.on("PATCH", "/repos/octocat/hello/issues/comments/9", ours)
        assert forges.write(github(server), f"{forges.MARKER}\nx").startswith("updated")
        assert [method for method, _ in server.calls()].count("POST") == 1

    def test_a_server_that_stays_busy_is_given_up(self, server, waits):
        server.on("GET", FIRST, {}, 503)
        with pytest.raises(Refusal, match="503"):
            forges.write(github(server), "x")
        assert len(server.asked) == forges.ATTEMPTS
        assert waits == [1.0, 2.0, 4.0]

    @pytest.mark.parametrize(
        ("status", "hint"), [(401, "not valid"), (403, "pull-requests: write"), (404, "may not see")]
    )
    def test_a_refusal_says_why_and_never_the_token(self, server, status, hint):
        server.on("GET", FIRST, {"message": f"no, {TOKEN}"}, status)
        with pytest.raises(Refusal) as raised:
            forges.write(github(server), "x")
        assert str(status) in raised.value.message
        assert hint in raised.value.hint
        assert TOKEN not in raised.value.message + raised.value.hint
        assert len(server.asked) == 1

    def test_a_redirection_is_not_followed_with_the_token(self, server):
        other = Server()
        server.on("GET", FIRST, {}, 302, Location=f"{other.address}/elsewhere")
        with pytest.raises(Refusal, match="302"):
            forges.write(github(server), "x")
        assert other.asked == []
        other.http.shutdown()
        other.http.server_close()

    def test_an_answer_that_is_no_json_is_told(self, server):
        server.on("GET", FIRST, b"<html>")
        with pytest.raises(Refusal, match="no JSON"):
            forges.write(github(server), "x")

    def test_nobody_there_is_told(self, waits):
        with pytest.raises(Refusal, match="refused"):
            forges.write(forges.GitHub("http://127.0.0.1:9", "o/r", "1", TOKEN), "x")
        assert len(waits) == forges.ATTEMPTS - 1

    def test_a_token_is_sent_over_https_only(self):
        with pytest.raises(Refusal, match="no https address"):
            forges.GitHub("http://api.example.com", "o/r", "1", TOKEN)


class TestGitLab:
    def test_the_first_note_is_written_and_the_next_replaces_it(self, server):
        server.on("GET", "/user", {"id": 1, "username": "project_5_bot"})
        server.on(
            "GET",
            f"{NOTES}?per_page=100&page=1&sort=asc",
            [gitlab_note(1, f"{forges.MARKER} fake", "mallory")],
        )
        server.on("POST", NOTES, gitlab_note(302, "x"), 201)
        assert forges.write(gitlab(server), "x") == "wrote the comment"
        assert server.asked[-1][2]["Private-Token"] == "glpat-secret"
        server.on("GET", f"{NOTES}?per_page=100&page=1&sort=asc", [gitlab_note(302, f"{forges.MARKER}\nx")])
        server.on("PUT", f"{NOTES}/302", gitlab_note(302, "y"))
        assert forges.write(gitlab(server), "y") == "updated the comment"
        assert server.asked[-1][3] == {"body": "y"}

    def test_a_jobs_token_has_a_header_of_its_own(self, server):
        with pytest.raises(Refusal):
            forges.write(gitlab(server, of_job=True), "x")
        assert server.asked[-1][2]["Job-Token"] == "glpat-secret"
        assert "Private-Token" not in server.asked[-1][2]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit({"a/template.yaml": function("One", "PassThrough"), "b/template.yaml": function("Two")})
    made.write({"a/template.yaml": function("One"), "b/template.yaml": function("Two", "PassThrough")})
    return made


def run(repository: Repository, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("CI", "GITHUB", "GITLAB"))
    }
    return subprocess.run(
        [sys.executable, "-m", "stackworthy", "comment", *arguments],
        cwd=repository.folder,
        env={**clean, "PYTHONPATH": SOURCE, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_job_of_github_comments_on_its_pull_request(repository, server, tmp_path):
    event = tmp_path / "event.json"
    base = repository.git("rev-parse", "HEAD").strip()
    event.write_text(json.dumps({"pull_request": {"number": 42, "base": {"sha": base, "ref": "main"}}}))
    server.on("GET", FIRST, [])
    server.on("POST", COMMENTS, github_comment(2, "x"), 201)
    environment = {
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "octocat/hello",
        "GITHUB_API_URL": server.address,
        "GITHUB_TOKEN": TOKEN,
    }
    done = run(repository, "--github", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    text = server.asked[-1][3]["body"]
    assert text.startswith(f"{forges.MARKER}\n")
    assert "1 new, 1 fixed" in text
    assert "tracing-off" in text
    assert "2 stacks changed" in text
    assert run(repository, "--github", "--fail-on", "low", **environment).returncode == 1
    assert TOKEN not in done.stdout


def test_a_job_of_gitlab_comments_on_its_merge_request(repository, server):
    server.on("GET", "/user", {"id": 1, "username": "project_5_bot"})
    server.on("GET", f"{NOTES}?per_page=100&page=1&sort=asc", [])
    server.on("POST", NOTES, gitlab_note(302, "x"), 201)
    environment = {
        "CI_API_V4_URL": server.address,
        "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": repository.git("rev-parse", "HEAD").strip(),
        "GITLAB_TOKEN": "glpat-secret",
    }
    done = run(repository, "--gitlab", **environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "wrote the comment\n", "")
    assert "1 new, 1 fixed" in server.asked[-1][3]["body"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "comment where?"),
        (["--github"], "which revision to compare with"),
        (["--github", "--new-since", "HEAD"], "GITHUB_REPOSITORY is not set"),
        (["--gitlab", "--new-since", "HEAD"], "CI_PROJECT_ID is not set"),
    ],
)
def test_what_the_job_does_not_say_is_asked_for(repository, arguments, said):
    done = run(repository, *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_difference_in_cost_is_shown_when_it_is_given(repository, tmp_path):
    file = tmp_path / "cost.json"
    file.write_text('{"before": 12.5, "after": 14.7, "currency": "USD"}')
    done = run(repository, "--github", "--new-since", "HEAD", "--print", "--cost", str(file))
    assert "**+2.20 USD a month** (12.50 before, 14.70 after)" in done.stdout
    for wrong in ("[]", "{", '{"before": "x", "after": 1}', '{"before": true, "after": 1}'):
        file.write_text(wrong)
        done = run(repository, "--github", "--new-since", "HEAD", "--print", "--cost", str(file))
        assert done.returncode == 2
        assert "cost diff" in done.stderr


def made(
    repository: Repository, change: Callable[[Review], Review], limit: int = 65_536, patch: str = ""
) -> str:
    """The comment on a review that was changed by hand, with this patch for every finding."""
    from stackworthy import judge
    from stackworthy.cli.review import _Reporter
    from stackworthy.config import load

    settings = load(repository.folder)
    review = judge.review(repository.folder, settings, against=judge.Against(new_since="HEAD"))
    review = change(review)
    patches = {finding.id: patch for finding in review.findings}
    return comment.body(_Reporter(str(repository.folder), settings, review, True), "", limit, patches)


def test_a_new_finding_comes_with_its_proven_patch(repository):
    repository.write({"b/new.yaml": function("Three", "PassThrough")})
    done = run(repository, "--github", "--new-since", "HEAD", "--print")
    assert "unsafe patch for <code>tracing-off</code> of <code>Three</code>" in done.stdout
    assert re.search(r"^\+.*Mode: Active", done.stdout, re.MULTILINE)


def test_a_patch_that_holds_fences_stays_one_block(repository):
    text = made(repository, lambda review: review, patch="-  Mode: PassThrough\n+  Mode: Active ``` \n")
    assert "````diff\n-  Mode: PassThrough\n+  Mode: Active ```" in text


@pytest.mark.parametrize("limit", [4_000, 65_536])
def test_a_comment_is_never_longer_than_the_forge_takes(repository, limit):
    def many(review: Review) -> Review:
        (finding,) = review.findings
        stack = next(stack for stack in review.stacks if stack.findings)
        stack.findings = [
            msgspec.structs.replace(
                finding, id=f"{n:012}", address=f"Fn{n}", message="é" * 500, fix=FixRecord("safe")
            )
            for n in range(400)
        ]
        return review

    text = made(repository, many, limit, "+x\n" * 900)
    assert limit / 4 < len(text.encode()) <= limit
    assert text.startswith(forges.MARKER)


def test_what_strangers_named_notifies_nobody_and_is_no_markup(repository):
    repository.write({"b/@octocat <img src=x>.yaml": function("Three", "PassThrough")})
    text = made(repository, lambda review: review)
    assert "<img" not in text
    assert "<code>@octocat" in text
    assert "@octocat" not in re.sub("<code>.*?</code>", "", text)
