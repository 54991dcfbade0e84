"""Reviews against git: only the stacks that changes touch, or only the findings that a revision had not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

import msgspec

from stackworthy.config import ConfigError, Settings, load, merge
from stackworthy.config_file import read as read_settings
from stackworthy.core.review import (
    ChangedStackRecord,
    FindingRecord,
    SinceRecord,
    StackReview,
    SuppressionRecord,
)
from stackworthy.core.workspace import SKIPPED_FOLDERS, Disk, Revision, Unreadable, Workspace
from stackworthy.judge.cache import Judged
from stackworthy.judge.changes import Changes, changes
from stackworthy.judge.known import identities, silenced
from stackworthy.judge.recording import Question, Recording, holds
from stackworthy.sources.stack import StackRef

INSTALLED = SKIPPED_FOLDERS - {".git", ".hg", ".svn"}


class AsInstalled:
    """A revision with the folders that package managers fill as they are on disk: no revision has them, and no change is theirs."""

    def __init__(self, revision: Revision, disk: Disk) -> None:
        self.root = revision.root
        self.unread = revision.unread
        self._revision = revision
        self._disk = disk

    def _of(self, path: str) -> Workspace:
        return self._revision if INSTALLED.isdisjoint(path.split("/")) else self._disk

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `Unreadable`."""
        return self._of(path).read(path)

    def exists(self, path: str) -> bool:
        """Whether a file stands there."""
        return self._of(path).exists(path)

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there."""
        return self._of(path).is_folder(path)

    def entries(self, folder: str) -> list[str]:
        """The names of files in a folder, sorted."""
        return self._of(folder).entries(folder)

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder."""
        return self._of(folder).files(folder)


def touched(judged: dict[StackRef, Judged], found: Changes, settings: Settings) -> dict[StackRef, Judged]:
    """The stacks that read, list or look for something that changed; all of them when the settings above them changed."""
    if settings.file is not None:
        recording = Recording(Disk(found.root))
        read_settings(recording, settings.file)
        if found.touch(recording.questions()):
            return judged
    return {stack: one for stack, one in judged.items() if found.touch(one.asked)}


def revision_of(root: str, revision: str) -> tuple[AsInstalled, Changes]:
    """The files where this branch left a revision, and what changed since. Raises `Unreadable`."""
    if ".." in revision:
        hint = "name the revision to compare with"
        raise Unreadable(revision, "is a range, not a revision", hint)
    found = changes(root, revision)
    return AsInstalled(Revision(root, found.commit), Disk(root)), found


def settings_at(place: Workspace, path: str | os.PathLike[str], settings: Settings) -> Settings:
    """The settings that held at a revision, with the options of now; those of now when they could not be followed then."""
    try:
        return merge(load(path, root=place.root, workspace=place), settings.options)
    except ConfigError:
        return settings


class Unchanged:
    """Gives the reviews of now for the stacks that ask a revision the same and are told the same."""

    def __init__(self, judged: dict[StackRef, Judged], place: Workspace) -> None:
        self._judged = judged
        self._place = place
        self._holds: dict[tuple[str, str, bytes], bool] = {}

    def __call__(self, stack: StackRef) -> Judged | None:
        """The review, or None when the revision may have had another."""
        one = self._judged.get(stack)
        if one is None or not one.lasting or not all(self._same(question) for question in one.asked):
            return None
        return one

    def _same(self, question: Question) -> bool:
        known = self._holds.get(question.key)
        if known is None:
            known = self._holds[question.key] = holds(question, self._place, {})
        return known


def compared(
    now: dict[StackRef, Judged], then: dict[StackRef, Judged], found: Changes, revision: str
) -> tuple[list[StackReview], SinceRecord]:
    """The reviews of now with what a revision had among the suppressed, and what is gone since."""
    known = 0
    fixed: list[FindingRecord] = []
    changed: list[ChangedStackRecord] = []
    stacks = []
    left = dict(then)
    for stack, one in now.items():
        before = left.pop(_before(stack, now, then, found), None)
        had = (
            {identity for finding in before.review.findings for identity in identities(finding)}
            if before
            else set()
        )
        review = silenced(one.review, partial(_known, had, revision))
        known += len(review.suppressed) - len(one.review.suppressed)
        stacks.append(review)
        if before is not one:
            changed.append(_changed(one.review, before.review if before else None))
        if before is not None and before is not one:
            there = {
                identity
                for finding in (*one.review.findings, *one.review.suppressed)
                for identity in identities(finding)
            }
            fixed.extend(
                finding for finding in before.review.findings if there.isdisjoint(identities(finding))
            )
    for before in left.values():
        fixed.extend(before.review.findings)
        changed.append(_changed(None, before.review))
    return stacks, SinceRecord(revision, found.commit, known, fixed, changed)


def _changed(now: StackReview | None, before: StackReview | None) -> ChangedStackRecord:
    """Which resources came and went."""
    here = dict.fromkeys(resource.address for resource in now.resources) if now else {}
    there = dict.fromkeys(resource.address for resource in before.resources) if before else {}
    path = now.path if now else before.path if before else ""
    return ChangedStackRecord(
        path,
        [address for address in here if address not in there],
        [address for address in there if address not in here],
    )


def _before(
    stack: StackRef, now: dict[StackRef, Judged], then: dict[StackRef, Judged], found: Changes
) -> StackRef:
    """What the stack was at the revision: itself, or what was moved here."""
    if stack in then:
        return stack
    is_folder = stack.format == "terraform" and not stack.path.endswith(".json")
    path = found.before(stack.path, folder=is_folder)
    for format in (stack.format, "cloudformation", "sam", "cdk"):
        moved = StackRef(format, path)
        if moved in then and moved not in now:
            return moved
    return stack


def _known(had: set[str], revision: str, finding: FindingRecord) -> SuppressionRecord | None:
    if had.isdisjoint(identities(finding)):
        return None
    return SuppressionRecord("revision", f"{revision} had it")


def stacks_of(judged: dict[StackRef, Judged]) -> list[StackReview]:
    """Their reviews, in order."""
    return [one.review for one in judged.values()]


def with_stacks(judged: dict[StackRef, Judged], stacks: list[StackReview]) -> dict[StackRef, Judged]:
    """The same with other reviews."""
    return {
        stack: msgspec.structs.replace(one, review=review)
        for (stack, one), review in zip(judged.items(), stacks, strict=True)
    }
