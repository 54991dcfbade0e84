"""Rules of a team's own take part when the caller trusts them, and a broken one harms nobody else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackworthy import judge
from stackworthy.config import Options, Settings, load, merge
from stackworthy.core.review import Review
from stackworthy.judge import own_rules
from stackworthy.rules import all_rules, rule_named

RULE = '''\
from stackworthy.api import Pillar, PropertyRule, Severity, Unsafe


class TracingOffHere(PropertyRule):
    """Our functions are traced, all of them."""

    on, property, expected = "AWS::Lambda::Function", "TracingConfig.Mode", "Active"
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    fix_safety = Unsafe("adds a permission and X-Ray's price per trace")
    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {TracingConfig: {Mode: PassThrough}}}"
    good = bad.replace("PassThrough", "Active")


RULES = (TracingOffHere(),)
'''
BREAKING = RULE.replace("TracingOffHere", "BreaksHere").replace(
    "    good =", "    def check(self, function):\n        return missing_name\n\n    good ="
)
TEMPLATE = """\
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "pass"}
      Role: arn:aws:iam::123456789012:role/worker
      TracingConfig: {Mode: PassThrough}
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    own_rules.load("/nowhere")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "template.yaml").write_text(TEMPLATE)
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder of rules beside the reviewed tree."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "tracing.py").write_text(RULE)
    return folder


def reviewed(tree: Path, *, cached: bool = False) -> Review:
    return judge.review(tree, Settings(root=str(tree)), cached=cached)


def found(review: Review) -> set[str]:
    return {finding.rule for finding in review.findings}


def said(review: Review) -> list[tuple[str, int, str]]:
    return [(item.file, item.line, item.message) for item in review.diagnostics]


def test_rules_from_outside_of_the_reviewed_root_take_part(tree, rules):
    own_rules.load(str(tree), typed=[str(rules)])
    review = reviewed(tree)
    (finding,) = [finding for finding in review.findings if finding.rule == "tracing-off-here"]
    assert (finding.severity, finding.line) == ("medium", 7)
    assert said(review) == []
    assert rule_named("tracing-off-here") in all_rules()


def test_what_was_loaded_before_takes_no_part_any_more(tree, rules):
    own_rules.load(str(tree), typed=[str(rules)])
    own_rules.load(str(tree))
    assert "tracing-off-here" not in found(reviewed(tree))
    assert rule_named("tracing-off-here") is None


@pytest.mark.parametrize("typed", [True, False])
def test_rules_inside_the_reviewed_root_never_run_unless_they_are_trusted(tree, typed):
    (tree / "rules").mkdir()
    trace = f"open({str(tree / 'ran')!r}, 'w')\n"
    (tree / "rules/evil.py").write_text(RULE + trace)
    where = {"typed": [str(tree / "rules")]} if typed else {"inside": ["rules"]}
    own_rules.load(str(tree), **where)
    review = reviewed(tree)
    assert not (tree / "ran").exists()
    assert "tracing-off-here" not in found(review)
    assert said(review) == [("rules", 0, "the rules in it were not loaded: it lies in the reviewed tree")]
    assert "--trust-rules" in review.diagnostics[0].hint
    own_rules.load(str(tree), **where, trusted=True)
    assert (tree / "ran").exists()
    assert "tracing-off-here" in found(reviewed(tree))


def test_a_link_that_leads_into_the_reviewed_root_is_inside(tree, tmp_path):
    (tree / "rules").mkdir()
    (tree / "rules/tracing.py").write_text(RULE)
    (tmp_path / "linked").symlink_to(tree / "rules")
    assert own_rules.load(str(tree), typed=[str(tmp_path / "linked")]).rules == {}


def test_the_settings_name_folders_and_paths_among_the_rules_are_such(tree):
    (tree / "stackworthy.toml").write_text('rules = ["./own", "tracing-off"]\nown_rules = ["more"]\n')
    settings = load(tree, root=str(tree))
    assert settings.rules == ("tracing-off",)
    assert settings.own_rules == ("more", "own")
    assert not settings.trust_rules
    assert merge(settings, Options(trust_rules=True)).trust_rules


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("import os\ndef broken(:\n", 2, "is no Python: invalid syntax"),
        ("import os\n\nraise KeyError('here')\n", 3, "cannot be loaded: KeyError: 'here'"),
        ("import sys\nsys.exit(3)\n", 2, "cannot be loaded: SystemExit: 3"),
        (
            "import no_such_module\n",
            1,
            "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("x = 1\n", 0, "has no RULES"),
        ("RULES = [7]\n", 0, "RULES holds 7, which is no instance of Rule"),
        (RULE.replace("    pillar, ", "    other, "), 4, "the rule tracing-off-here does not state pillar"),
        (
            RULE.replace("TracingOffHere", "TracingOff"),
            4,
            "the rule tracing-off was left out: a built-in rule has this id already",
        ),
        (RULE, 4, "the rule tracing-off-here was left out: tracing.py has this id already"),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_the_rest_goes_on(tree, rules, text, line, message):
    (rules / "zbroken.py").write_text(text)
    own_rules.load(str(tree), typed=[str(rules)])
    review = reviewed(tree)
    assert "tracing-off-here" in found(review)
    ((file, at, told),) = said(review)
    assert (file, at) == (str(rules / "zbroken.py"), line)
    assert told.replace(f"{rules}/", "") == message


def test_a_rule_that_fails_in_its_check_is_told_once_and_the_rest_goes_on(tree, rules):
    (rules / "breaking.py").write_text(BREAKING)
    (tree / "second.yaml").write_text(TEMPLATE)
    own_rules.load(str(tree), typed=[str(rules)])
    review = reviewed(tree)
    assert "tracing-off-here" in found(review)
    message = "the rule breaks-here failed: NameError: name 'missing_name' is not defined"
    assert said(review) == [(str(rules / "breaking.py"), 12, message)]
    states = {v.state for stack in review.stacks for v in stack.verdicts if v.rule == "breaks-here"}
    assert states == {"not-assessed"}


def test_other_rules_are_another_review_for_the_cache(tree, rules):
    own_rules.load(str(tree), typed=[str(rules)])
    assert "tracing-off-here" in found(reviewed(tree, cached=True))
    (rules / "tracing.py").write_text(RULE.replace('"Active"', '"Neither"', 1))
    own_rules.load(str(tree), typed=[str(rules)])
    (finding,) = [f for f in reviewed(tree, cached=True).findings if f.rule == "tracing-off-here"]
    assert finding.message.endswith("not Neither")
    own_rules.load(str(tree))
    assert "tracing-off-here" not in found(reviewed(tree, cached=True))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that offers rules."""
    folder = tmp_path / "site"
    (folder / "team-1.0.dist-info").mkdir(parents=True)
    (folder / "team-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: team\nVersion: 1.0\n")
    (folder / "team-1.0.dist-info/entry_points.txt").write_text("[stackworthy.rules]\nours = team_rules\n")
    (folder / "team_rules.py").write_text(RULE)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "team_rules", raising=False)
    return folder


def test_rules_of_an_installed_package_take_part(tree, package):
    own_rules.load(str(tree))
    assert "tracing-off-here" in found(reviewed(tree))


def test_a_package_that_came_with_the_tree_is_not_loaded(tmp_path, package):
    loaded = own_rules.load(str(tmp_path))
    assert loaded.rules == {}
    assert "was" not in sys.modules.get("team_rules", "")
    assert "it lies in the reviewed tree" in loaded.diagnostics[0].message


def test_the_command_line_loads_what_it_is_told_to(tree, rules):
    command = [sys.executable, "-m", "stackworthy"]
    environment = {"PYTHONPATH": str(Path(judge.__file__).parents[2]), "HOME": str(tree.parent)}

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [*command, *arguments], cwd=tree, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    code, out, err = run(
        "review", "-q", "--own-rules", "../rules", "--rule", "tracing-off-here", "--fail-on", "low"
    )
    assert (code, err) == (1, "")
    assert len(out.splitlines()) == 1
    (tree / "rules").mkdir()
    (tree / "rules/tracing.py").write_text(RULE)
    (tree / "stackworthy.toml").write_text('own_rules = ["rules"]\n')
    assert "--trust-rules loads them" in " ".join(run("review")[1].split())
    assert "tracing-off-here" in run("review", "-q", "--trust-rules")[1]
    (tree / "stackworthy.toml").write_text('own_rules = ["rules"]\nskip = ["tracing-off-here"]\n')
    assert run("review", "-q", "--fail-on", "never")[0] == 0
    assert "tracing-off-here" not in run("review", "-q", "--trust-rules")[1]
    (tree / "stackworthy.toml").write_text('own_rules = ["rules"]\nskip = ["tracing-of-here"]\n')
    assert "did you mean tracing-off-here?" in run("review", "--trust-rules")[2]
    code, out, err = run("test-rules", "rules")
    assert (code, out, err) == (0, "passed  tracing-off-here  tracing.py\n1 rule, 0 problems\n", "")


def test_what_is_wrong_with_a_rule_is_told_by_its_examples(tree, rules, capsys):
    from stackworthy.cli import main

    text = RULE.replace('replace("PassThrough", "Active")', 'replace("PassThrough", "Off")')
    (rules / "tracing.py").write_text(text.replace("TracingConfig: {Mode", "TracingConfiguration: {Mode"))
    (rules / "breaking.py").write_text(BREAKING)
    (rules / "example.py").write_text(RULE.replace("OffHere", "Bad").replace('bad = "Fn: {', 'bad = "Fn: ['))
    (rules / "none.py").write_text(
        RULE.replace("OffHere", "Bare").split("    bad =")[0] + "\nRULES = [TracingBare()]\n"
    )
    assert main(["test-rules", str(rules)]) == 1
    out = capsys.readouterr().out
    assert "failed  tracing-off-here  tracing.py" in out
    assert "        good example 1: Fn: is found: TracingConfig.Mode is PassThrough, not Active" in out
    assert "        Fn: AWS::Lambda::Function has no TracingConfiguration" in out
    assert "own rule failed at breaking.py:12: NameError" in out
    assert "an example is not YAML" in out
    assert "        it has no bad example" in out
    assert "4 rules, 4 problems" in out


def test_a_folder_without_rules_is_refused(tmp_path, capsys):
    from stackworthy.cli import main

    assert main(["test-rules", str(tmp_path)]) == 2
    assert "there is no rule in" in capsys.readouterr().err


def test_everything_that_rules_are_written_with_is_public():
    from stackworthy import api

    assert all(hasattr(api, name) for name in api.__all__)
    assert "RULES = (TracingOffHere(),)" in (api.__doc__ or "")
