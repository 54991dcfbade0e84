"""Owners of files, and the path patterns that name them."""

import time

import pytest

from stackworthy import globs
from stackworthy.core.workspace import Disk
from stackworthy.owners import Owners, owners

CODEOWNERS = """\
# everything else
*                 @org/everyone

*.js              @js-owner  # frontend
/build/logs/      @doctocat
docs/*            docs@example.com
apps/             @octocat @hubot
/scripts/**       @scripts
/apps/github
**/logs           @logs
with\\ space.txt  @spaced
"""


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("template.yaml", "@org/everyone"),
        ("web/src/a.js", "@js-owner"),
        ("build/logs/today.txt", "@logs"),
        ("build/other.txt", "@org/everyone"),
        ("docs/start.md", "docs@example.com"),
        ("docs/deep/start.md", "@org/everyone"),
        ("sub/apps/x/y.tf", "@octocat @hubot"),
        ("apps/github/a.tf", None),
        ("scripts/a/b.sh", "@scripts"),
        ("with space.txt", "@spaced"),
    ],
)
def test_the_last_fitting_line_decides(path, owner):
    assert Owners(CODEOWNERS).of(path) == owner


def test_gitlab_sections_each_add_their_owners_and_give_their_default():
    text = "* @all\n[Infra][2] @infra\n*.tf\n^[Docs]\n*.md @docs\n"
    assert Owners(text).of("a/main.tf") == "@all @infra"
    assert Owners(text).of("a/read.md") == "@all @docs"


def test_nobody_owns_anything_without_a_file(tmp_path):
    assert owners(Disk(tmp_path)).of("a.tf") is None


def test_the_file_below_github_wins_over_the_one_at_the_root(tmp_path):
    (tmp_path / "CODEOWNERS").write_text("* @root\n")
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/CODEOWNERS").write_text("* @github\n")
    assert owners(Disk(tmp_path)).of("a.tf") == "@github"


@pytest.mark.parametrize(
    ("pattern", "folder", "path", "fits"),
    [
        ("*.tf", "", "a/b/c.tf", True),
        ("*.tf", "a", "a/b/c.tf", True),
        ("*.tf", "a", "b/c.tf", False),
        ("/c.tf", "a", "a/c.tf", True),
        ("/c.tf", "a", "a/b/c.tf", False),
        ("tests/**", "infra", "infra/tests/x/y.yaml", True),
        ("tests/**", "", "infra/tests/x.yaml", False),
        ("**/tests/**", "", "infra/tests/x.yaml", True),
        ("tests/", "", "infra/tests/x.yaml", True),
        ("tests/", "", "infra/tests", False),
        ("a?c", "", "x/abc", True),
        ("a?c", "", "x/ac", False),
        ("a/**/b", "", "a/b", True),
        ("a/**/b", "", "a/x/y/b", True),
        ("*a*b", "", "xaxbxb", True),
    ],
)
def test_patterns_fit_as_gits_do(pattern, folder, path, fits):
    assert globs.matches(globs.anchored(pattern, folder), path) is fits


def test_a_pattern_full_of_stars_takes_no_time():
    started = time.perf_counter()
    assert not globs.matches(globs.anchored("*a" * 200 + "b"), "a" * 5000)
    assert not globs.matches("/".join(["**", "a"] * 200 + ["b"]), "/".join("a" * 5000))
    assert time.perf_counter() - started < 5
