"""Each format from a real stack, as it reads. UPDATE_GOLDEN=1 writes the reports anew: look at them before you commit."""

import json
import os
import re
from pathlib import Path

import pytest

from stackworthy import __version__
from stackworthy.cli import main

ROOT = Path(__file__).parent.parent.parent
GOLDEN = Path(__file__).parent / "golden"
RULES = ("alarm-dimension-never-published", "recovery-off", "tracing-off", "website-over-http")
"""A few rules, so that the reports change when a format does, and not with every rule that is added."""
CHANGING = (
    (re.escape(__version__), "VERSION"),
    (r"\d+ \w+ \d{4}, \d\d:\d\d", "DATE"),
    (r'timestamp="[^"]*"', 'timestamp="DATE"'),
    (r"\d+\.\d\d s</p>", "TIME</p>"),
    (r"(?s):root \{.*?\n\n", "/* our style */\n\n"),
)
NAMES = ("flashcards.html", "flashcards.md", "flashcards.xml", "flashcards.sarif")
NAMES += ("flashcards.gl-code-quality-report.json", "flashcards.github")


def without_help(text):
    """A SARIF log without what rules say of themselves, which changes with them."""
    log = json.loads(text)
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        assert rule.pop("help")["markdown"].startswith(rule.pop("fullDescription")["text"])
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The reports of one run, by the file's name."""
    folder = tmp_path_factory.mktemp("reports")
    arguments = [
        "review",
        str(ROOT / "examples/flashcards/sam"),
        "--root",
        str(ROOT),
        "--quiet",
        "--no-cache",
    ]
    for rule in RULES:
        arguments += ["--rule", rule]
    for name in NAMES:
        kind = "github=" if name.endswith(".github") else ""
        arguments += ["-o", f"{kind}{folder / name}"]
    assert main(arguments) == 1
    return {name: (folder / name).read_text() for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_report_reads_as_it_did(written, name):
    text = without_help(written[name]) if name.endswith(".sarif") else written[name]
    for pattern, instead in CHANGING:
        text = re.sub(pattern, instead, text)
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(text)
    assert text == (GOLDEN / name).read_text()


@pytest.mark.parametrize("name", NAMES)
def test_every_format_names_every_finding(written, name):
    for rule in RULES:
        assert rule in written[name]
