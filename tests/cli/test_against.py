"""`review --changed-since` and `--new-since`, as whole commands in real repositories."""

from __future__ import annotations

import json

from tests.cli.test_baseline import repository, run
from tests.support.repositories import function

__all__ = ["repository"]


def test_untouched_stacks_are_no_misuse(repository):
    code, out, err = run(repository, "review", "--changed-since", "HEAD")
    assert code == 0
    assert "no stack reads anything that changed since HEAD" in err
    assert "template.yaml" not in out


def test_only_touched_stacks_are_reported(repository):
    repository.write({"b/template.yaml": function("Two", "PassThrough")})
    code, out, _ = run(repository, "review", "--changed-since", "HEAD", "-q", "--fail-on", "low")
    assert code == 1
    assert {line.split(":")[0] for line in out.splitlines()} == {"b/template.yaml"}


def test_only_what_is_new_fails_and_what_is_fixed_is_said(repository):
    repository.write({"a/template.yaml": function("One"), "b/template.yaml": function("Two", "PassThrough")})
    code, out, _ = run(
        repository, "review", "--new-since", "HEAD", "--fail-on", "low", "--rule", "tracing-off"
    )
    assert code == 1
    assert " fixed  a/template.yaml  tracing-off  One" in out
    assert "1 new · 1 fixed · 0 known" in out
    repository.commit()
    code, out, _ = run(
        repository, "review", "--new-since", "HEAD", "--fail-on", "low", "--rule", "tracing-off"
    )
    assert code == 0
    assert "0 new · 0 fixed · 1 known" in out


def test_the_json_report_holds_what_is_fixed(repository):
    repository.write({"a/template.yaml": function("One")})
    data = json.loads(run(repository, "review", "--new-since", "HEAD", "--format", "json")[1])
    assert data["since"]["revision"] == "HEAD"
    assert [finding["rule"] for finding in data["since"]["fixed"]] == ["tracing-off"]
    assert data["since"]["commit"] == repository.git("rev-parse", "HEAD").strip()


def test_a_revision_that_is_not_there_is_refused_with_the_way_out(repository):
    for option in ("--new-since", "--changed-since"):
        code, _, err = run(repository, "review", option, "origin/main")
        assert code == 2
        assert "origin/main is no revision that this clone has" in err
        assert "fetch-depth: 0" in err
