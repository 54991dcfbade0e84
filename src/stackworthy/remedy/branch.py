"""Proven fixes as commits on a new git branch, one for each rule, made without touching the work tree or the index."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence

import msgspec

from stackworthy.config import Settings
from stackworthy.core.workspace import Overlay, Revision, Unreadable, Workspace
from stackworthy.remedy import Proposal, Wanted, mend
from stackworthy.remedy.outside import Outside
from stackworthy.sources.find import find
from stackworthy.sources.stack import StackRef


class Commit(msgspec.Struct):
    """One commit: its hash, its subject, and the fixes that it carries."""

    hash: str
    subject: str
    proposals: list[Proposal]


class Git:
    """Plumbing of one repository. No hook or filter runs; a temporary index stands in for the user's."""

    def __init__(self, root: str, index: str) -> None:
        self.root = root
        self.environment = {**os.environ, "GIT_INDEX_FILE": index}

    def __call__(self, *arguments: str, given: bytes | None = None) -> str:
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", *arguments]
        done = subprocess.run(  # noqa: S603
            command,
            cwd=self.root,
            input=given,
            capture_output=True,
            check=False,
            env=self.environment,
            timeout=120,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise Unreadable("git", said[-1] if said else f"git {arguments[0]} failed", "see git status")
        return done.stdout.decode(errors="surrogateescape").strip()


def commit_fixes(
    root: str,
    target: str,
    settings: Settings,
    wanted: Wanted,
    branch: str,
    outside: Outside | None = None,
) -> list[Commit]:
    """Fix the stacks below `target` as the last commit has them; a new branch holds one commit for each rule.

    Raises `Unreadable` when git refuses (no repository, no commit yet, a branch of that name).
    """
    base = Revision(root, "HEAD")
    stacks = find(base, target, settings).stacks
    offered = mend(base, stacks, settings, wanted, None, outside).proposals
    with tempfile.TemporaryDirectory(prefix="stackworthy-") as folder:
        git = Git(root, os.path.join(folder, "index"))
        git("check-ref-format", "--branch", branch)
        if git("for-each-ref", f"refs/heads/{branch}"):
            raise Unreadable(branch, "is a branch already", "name another, or delete that one")
        commits = _commits(git, base, stacks, settings, _by_rule(offered), wanted)
        if commits:
            git("update-ref", f"refs/heads/{branch}", commits[-1].hash, "")
    return commits


def _by_rule(offered: Sequence[Proposal]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for proposal in offered:
        found.setdefault(proposal.record.rule, set()).add(proposal.record.id)
    return {rule: frozenset(ids) for rule, ids in found.items()}


def _commits(
    git: Git,
    base: Workspace,
    stacks: list[StackRef],
    settings: Settings,
    groups: Mapping[str, frozenset[str]],
    wanted: Wanted,
) -> list[Commit]:
    git("read-tree", "HEAD")
    parent = git("rev-parse", "HEAD")
    prefix = git("rev-parse", "--show-prefix")
    edits: dict[str, bytes | None] = {}
    commits: list[Commit] = []
    for ids in groups.values():
        found = mend(Overlay(base, edits), stacks, settings, msgspec.structs.replace(wanted, findings=ids))
        if not found.proposals:
            continue
        for file, content in found.edits.items():
            blob = git("hash-object", "-w", "--stdin", given=content)
            mode = git("ls-files", "--stage", "--", file).split(" ")[0] or "100644"
            git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{prefix}{file}")
        edits.update(found.edits)
        subject, body = message(found.proposals)
        parent = git(
            "commit-tree", git("write-tree"), "-p", parent, "-F", "-", given=f"{subject}\n\n{body}\n".encode()
        )
        commits.append(Commit(parent, subject, found.proposals))
    return commits


def message(proposals: Sequence[Proposal]) -> tuple[str, str]:
    """A commit's subject and body for fixes of one rule."""
    record = proposals[0].record
    names = [proposal.record.address for proposal in proposals]
    shown = names[0] if len(names) == 1 else f"{len(names)} resources"
    body = [f"{record.message[:1].upper()}{record.message[1:]}.", ""]
    body += [f"- {proposal.record.address}: {proposal.record.message}" for proposal in proposals[:20]]
    if len(proposals) > 20:
        body.append(f"- and {len(proposals) - 20} more")
    if proposals[0].why:
        body += ["", f"To know before merging: {proposals[0].why}."]
    body += ["", "Proven on a copy: " + "; ".join(proposals[0].checks) + "."]
    return f"Mend {record.rule} of {shown}", "\n".join(body)
