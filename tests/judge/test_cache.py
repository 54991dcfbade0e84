"""A review from the cache is the review that would be made, or is made anew."""

from __future__ import annotations

import ast
import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stackworthy import judge
from stackworthy.config import Settings, load
from stackworthy.core.review import Review
from stackworthy.judge import cache, program, recording

TEMPLATE = """\
Resources:
  {name}:
    Type: AWS::Lambda::Function
    Properties:
      Code: {{ZipFile: "pass"}}
      Role: arn:aws:iam::123456789012:role/worker
      TracingConfig: {{Mode: PassThrough}}
      Description: "{said}"
"""
ROOT = """\
module "queue" {
  source = "../modules/queue"
}
"""
MODULE = 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n'
LONG_AGO = 1_600_000_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two templates and two roots that share a module."""
    folder = tmp_path / "tree"
    for path, text in {
        "a/template.yaml": TEMPLATE.format(name="First", said="first"),
        "b/template.yaml": TEMPLATE.format(name="Second", said="x"),
        "c/main.tf": ROOT,
        "d/main.tf": 'resource "aws_sqs_queue" "alone" {\n  name = "alone"\n}\n',
        "modules/queue/main.tf": MODULE,
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stacks that are judged, as they are."""
    paths: list[str] = []
    real = judge.judged

    def counted(workspace: Any, stack: Any, *rest: Any) -> Any:
        paths.append(stack.path)
        return real(workspace, stack, *rest)

    monkeypatch.setattr(judge, "judged", counted)
    return paths


def reviewed(tree: Path, **settings: Any) -> Review:
    return judge.review(tree, Settings(root=str(tree), **settings), cached=True)


def without_time(review: Review) -> Any:
    data = msgspec.to_builtins(review)
    del data["summary"]["seconds"]
    return data


def kept(home: Path) -> list[Path]:
    return sorted((home / "stackworthy/reviews").iterdir())


def test_a_second_review_judges_nothing_and_says_the_same(tree, made):
    first = reviewed(tree)
    assert made == ["a/template.yaml", "b/template.yaml", "c", "d"]
    made.clear()
    second = reviewed(tree)
    assert made == []
    assert [stack.path for stack in second.stacks] == [stack.path for stack in first.stacks]
    assert second.summary.findings == first.summary.findings
    assert without_time(second) == without_time(reviewed(tree))


def test_a_review_without_the_cache_leaves_nothing_behind(tree, home):
    judge.review(tree, Settings(root=str(tree)))
    assert not home.exists()


def test_a_changed_template_is_judged_anew_and_no_other(tree, made):
    reviewed(tree)
    made.clear()
    (tree / "a/template.yaml").write_text(TEMPLATE.format(name="Renamed", said="x"))
    review = reviewed(tree)
    assert made == ["a/template.yaml"]
    assert "Renamed" in {resource.address for resource in review.stacks[0].resources}


def test_a_changed_module_is_judged_in_the_roots_that_call_it(tree, made):
    reviewed(tree)
    made.clear()
    (tree / "modules/queue/main.tf").write_text(MODULE + "\n# more\n")
    reviewed(tree)
    assert made == ["c"]


def test_a_file_that_was_missing_and_appears_is_noticed(tree, made):
    reviewed(tree)
    made.clear()
    (tree / "d/terraform.tfvars").write_text('name = "given"\n')
    reviewed(tree)
    assert made == ["d"]
    made.clear()
    (tree / "a/stackworthy.toml").write_text('skip = ["tracing-off"]\n')
    review = reviewed(tree)
    assert made == ["a/template.yaml"]
    assert "tracing-off" not in {finding.rule for finding in review.stacks[0].findings}


def test_stacks_that_appear_and_vanish_are_noticed(tree, made):
    reviewed(tree)
    made.clear()
    shutil.copytree(tree / "a", tree / "e")
    shutil.rmtree(tree / "b")
    review = reviewed(tree)
    assert [stack.path for stack in review.stacks] == ["a/template.yaml", "c", "d", "e/template.yaml"]
    assert made == ["e/template.yaml"]


def test_the_same_content_with_another_time_is_known(tree, made):
    reviewed(tree)
    made.clear()
    for file in tree.rglob("*.*"):
        os.utime(file, (LONG_AGO, LONG_AGO))
    reviewed(tree)
    assert made == []


def test_a_change_that_hides_behind_size_and_time_is_noticed(tree, made, monkeypatch):
    """Nobody can set the time at which the system itself notes a change."""
    monkeypatch.setattr(recording, "SETTLED_NS", 0)
    file = tree / "a/template.yaml"
    os.utime(file, (LONG_AGO, LONG_AGO))
    reviewed(tree)
    made.clear()
    file.write_text(file.read_text().replace("PassThrough", "PassThrougX"))
    os.utime(file, (LONG_AGO, LONG_AGO))
    reviewed(tree)
    assert made == ["a/template.yaml"]


def test_a_file_that_is_as_young_as_its_record_is_read_again(tree, made):
    """Within one tick of the clock a file can change without another time."""
    reviewed(tree)
    (file,) = kept(cache_home())
    content = msgspec.msgpack.decode(file.read_bytes()[len(cache.MAGIC) + 32 :], type=cache._File)
    assert all(question.stat is None for question in content.questions)


def test_a_settled_file_is_not_read_again(tree, monkeypatch):
    monkeypatch.setattr(recording, "SETTLED_NS", 0)
    reviewed(tree)

    def never(*_: Any) -> bytes:
        raise AssertionError("read again")

    monkeypatch.setitem(recording._ANSWERS, "read", never)
    assert len(reviewed(tree).stacks) == 4


def test_files_that_were_young_are_known_by_their_time_once_they_have_settled(tree, monkeypatch):
    reviewed(tree)
    monkeypatch.setattr(recording, "SETTLED_NS", 0)
    reviewed(tree)
    monkeypatch.setitem(recording._ANSWERS, "read", lambda *_: b"")
    assert len(reviewed(tree).stacks) == 4


@pytest.mark.parametrize(
    "settings", [{"profile": "strict"}, {"skip": ("tracing-off",)}, {"parameters": {"A": "b"}}]
)
def test_other_settings_are_another_review(tree, made, settings):
    reviewed(tree)
    made.clear()
    reviewed(tree, **settings)
    assert len(made) == 4


def test_what_fails_a_run_is_no_part_of_what_is_found(tree, made):
    reviewed(tree)
    made.clear()
    reviewed(tree, fail_on="low")
    assert made == []


def test_another_version_of_the_program_believes_nothing(tree, made, monkeypatch):
    reviewed(tree)
    made.clear()
    monkeypatch.setattr(judge, "fingerprint", lambda: b"another")
    reviewed(tree)
    assert len(made) == 4


def test_the_fingerprint_follows_the_programs_own_files(tmp_path, monkeypatch):
    package = tmp_path / "stackworthy"
    (package / "rules").mkdir(parents=True)
    (package / "rules/lambda_.py").write_text("RULES = ()\n")
    monkeypatch.setattr(program, "PACKAGE", str(package))
    before = program.fingerprint()
    assert program.fingerprint() == before
    (package / "rules/lambda_.py").write_text("RULES = (1,)\n")
    assert program.fingerprint() != before


def test_the_fingerprint_follows_installed_packages(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    before = program.fingerprint()
    (tmp_path / "PyYAML-99.dist-info").mkdir()
    assert program.fingerprint() != before


def test_other_owners_are_told(tree, made):
    reviewed(tree)
    made.clear()
    (tree / "CODEOWNERS").write_text("* @team\n")
    assert {finding.owner for finding in reviewed(tree).findings} == {"@team"}


def test_a_suppression_that_ends_is_looked_at_again_the_next_day(tree, made, monkeypatch):
    file = tree / "a/template.yaml"
    today = datetime.date.today()
    comment = f"  # stackworthy: ignore[tracing-off] until={today} not yet\n  First:"
    file.write_text(file.read_text().replace("  First:", comment))

    def silenced() -> bool:
        return "tracing-off" in {finding.rule for finding in reviewed(tree).stacks[0].suppressed}

    assert silenced()
    made.clear()
    assert silenced()
    assert made == []
    tomorrow = type(
        "Tomorrow", (datetime.date,), {"today": classmethod(lambda _: today + datetime.timedelta(1))}
    )
    monkeypatch.setattr(judge.datetime, "date", tomorrow)
    assert not silenced()
    assert made == ["a/template.yaml"]


def test_nothing_but_the_ends_of_runtimes_and_suppressions_asks_for_the_date():
    """What asks for the date makes a review that holds for a day only: the cache has to know of it."""
    source = Path(judge.__file__).parent.parent
    asking = {
        str(file.relative_to(source))
        for folder in ("core", "aws", "sources", "rules", "judge")
        for file in (source / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("today", "now", "utcnow", "time_ns", "time")
        if ast.unparse(node.value) in ("datetime.date", "date", "datetime.datetime", "datetime", "time")
    }
    assert asking == {"aws/runtimes.py", "judge/__init__.py", "judge/cache.py", "judge/recording.py"}


def test_no_secret_is_kept(tree, home):
    file = tree / "a/template.yaml"
    file.write_text(file.read_text().replace("PassThrough", "AKIAIOSFODNN7EXAMPLE"))
    first = reviewed(tree)
    assert any("AKIAIOSFODNN7EXAMPLE" in repr(finding.evidence) for finding in first.findings)
    (kept_file,) = kept(home)
    assert b"AKIAIOSFODNN7EXAMPLE" not in kept_file.read_bytes()
    assert b"AKIA****" in kept_file.read_bytes()


def cache_home() -> Path:
    return Path(os.environ["XDG_CACHE_HOME"])


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _one_bit(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize("damage", [_half, _one_bit, lambda _: b"", lambda _: b"\0" * 1000])
def test_a_damaged_cache_is_told_of_and_made_anew(tree, made, home, damage):
    settings = Settings(root=str(tree))
    first = reviewed(tree)
    (file,) = kept(home)
    file.write_bytes(damage(file.read_bytes()))
    made.clear()
    run = judge.run(tree, settings, cached=True)
    assert [note for note in run.notes if "is damaged and is made anew" in note]
    assert len(made) == 4
    assert run.review.summary.findings == first.summary.findings
    made.clear()
    assert not judge.run(tree, settings, cached=True).notes
    assert made == []


def test_a_cache_with_numbers_that_lead_nowhere_is_damaged(tree, made, home):
    import hashlib

    reviewed(tree)
    (file,) = kept(home)
    content = msgspec.msgpack.decode(file.read_bytes()[len(cache.MAGIC) + 32 :], type=cache._File)
    content.entries[0].asked.append(10**6)
    body = msgspec.msgpack.encode(content)
    file.write_bytes(cache.MAGIC + hashlib.sha256(body).digest() + body)
    made.clear()
    assert judge.run(tree, Settings(root=str(tree)), cached=True).notes
    assert len(made) == 4


def test_a_cache_folder_inside_the_reviewed_tree_is_never_believed(tree, made, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tree / ".cache"))
    run = judge.run(tree, Settings(root=str(tree)), cached=True)
    assert "lies inside the reviewed root" in run.notes[0]
    assert not (tree / ".cache").exists()
    judge.run(tree, Settings(root=str(tree)), cached=True)
    assert len(made) == 8


def test_a_cache_folder_that_others_may_write_to_is_never_believed(tree, home):
    reviewed(tree)
    (home / "stackworthy/reviews").chmod(0o777)
    assert "others may write" in judge.run(tree, Settings(root=str(tree)), cached=True).notes[0]


def test_a_home_that_cannot_be_written_to_is_no_error(tree, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(reviewed(tree).stacks) == 4


def test_nobody_else_may_read_what_is_kept(tree, home):
    reviewed(tree)
    assert (home / "stackworthy/reviews").stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in kept(home)] == [0o600]


def test_what_is_kept_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "MAX_FILES", 3)
    monkeypatch.setattr(cache, "MAX_TOTAL_BYTES", 250)
    now = 1_900_000_000
    monkeypatch.setattr(cache.time, "time", lambda: now)
    for age in range(5):
        file = tmp_path / f"{age}.reviews"
        file.write_bytes(b"x" * (100 if age else 60))
        os.utime(file, (now - age, now - age))
    cache.prune(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["0.reviews", "1.reviews"]
    monkeypatch.setattr(cache.time, "time", lambda: now + cache.MAX_AGE_SECONDS)
    cache.prune(tmp_path)
    assert os.listdir(tmp_path) == ["0.reviews"]


def test_a_review_that_is_too_large_is_not_kept(tree, home, monkeypatch):
    monkeypatch.setattr(cache, "MAX_BYTES", 100)
    reviewed(tree)
    assert kept(home) == []


def test_a_name_that_is_no_unicode_is_reviewed_every_time_and_the_rest_is_kept(tree, made):
    odd = os.fsencode(tree) + b"/caf\xe9.yaml"
    try:
        with open(odd, "w") as stream:
            stream.write("Resources: {Q: {Type: AWS::SQS::Queue}}\n")
    except OSError:
        pytest.skip("this file system has Unicode names only")
    reviewed(tree)
    made.clear()
    reviewed(tree)
    assert len(made) == 1


def test_a_review_that_met_a_limit_of_time_is_not_kept(tree, made, monkeypatch):
    monkeypatch.setattr(judge, "UNHURRIED_SECONDS", 0.0)
    reviewed(tree)
    made.clear()
    reviewed(tree)
    assert len(made) == 4


def test_runs_side_by_side_leave_a_sound_cache(tree, home, made):
    command = [sys.executable, "-m", "stackworthy", "review", str(tree), "--root", str(tree), "-q"]
    environment = {**os.environ, "PYTHONPATH": str(Path(judge.__file__).parents[2])}
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]
    said = [run.communicate(timeout=60) for run in runs]
    assert len(set(said)) == 1
    assert said[0][1] == ""
    assert len(kept(home)) == 1
    again = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (again.stdout, again.stderr) == said[0]


def test_no_cache_reads_everything_anew(tree, home, made, capsys):
    from stackworthy.cli import main

    main(["review", str(tree), "--root", str(tree), "--no-cache"])
    assert not home.exists()
    main(["review", str(tree), "--root", str(tree)])
    assert kept(home)
    made.clear()
    main(["review", str(tree), "--root", str(tree)])
    assert made == []
    main(["review", str(tree), "--root", str(tree), "--no-cache"])
    assert len(made) == 4


def test_settings_files_above_a_stack_are_part_of_what_it_rests_on(tree, made):
    (tree / "stackworthy.toml").write_text('profile = "recommended"\n')
    judge.review(tree, load(tree, root=str(tree)), cached=True)
    made.clear()
    judge.review(tree, load(tree, root=str(tree)), cached=True)
    assert made == []
    (tree / "stackworthy.toml").write_text('profile = "strict"\n')
    judge.review(tree, load(tree, root=str(tree)), cached=True)
    assert len(made) == 4


def test_no_limit_of_time_is_shorter_than_what_counts_as_unhurried():
    sources = Path(judge.__file__).parent.parent / "sources"
    stated = re.compile(r"^MAX_SECONDS = ([\d.]+)$", re.MULTILINE)
    limits = [float(found) for file in sources.rglob("*.py") for found in stated.findall(file.read_text())]
    assert len(limits) >= 2
    assert min(limits) >= judge.UNHURRIED_SECONDS


def test_changed_code_of_a_handler_is_judged_anew(tree, made):
    (tree / "f/src").mkdir(parents=True)
    (tree / "f/src/app.py").write_text("def handler(event, context):\n    return {}\n")
    (tree / "f/template.yaml").write_text(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: src/, Handler: app.handler, Runtime: python3.13}\n"
    )
    reviewed(tree)
    made.clear()
    code = "import boto3\n\ndef handler(event, context):\n    return boto3.client('s3').list_buckets()\n"
    (tree / "f/src/app.py").write_text(code)
    review = reviewed(tree)
    assert made == ["f/template.yaml"]
    assert "client-per-invocation" in {finding.rule for finding in review.findings}
