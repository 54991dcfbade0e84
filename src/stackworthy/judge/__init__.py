"""The main job: sources, graph, rules, suppressions; and the review that they come to."""

from __future__ import annotations

import datetime
import os
import posixpath
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from stackworthy.config import Environment, Settings, closest
from stackworthy.config_file import ConfigError
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.graph import Graph
from stackworthy.core.review import DiagnosticRecord, NotAssessedCount, Review, StackReview, Summary
from stackworthy.core.workspace import Disk, Unreadable, Workspace, find_root
from stackworthy.judge.engine import Selection, judge
from stackworthy.judge.parallel import review_each
from stackworthy.judge.records import Recorder, diagnostic_record
from stackworthy.owners import Owners, owners
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.find import find
from stackworthy.sources.stack import Reading, StackRef

Progress = Callable[[int, int], None]
"""Told how many stacks are done, and of how many."""


def review(
    path: str | os.PathLike[str], settings: Settings | None = None, progress: Progress | None = None
) -> Review:
    """Review every stack below a path. Nothing is written or printed; what is wrong with the input stands in the review."""
    started = time.perf_counter()
    settings = settings or Settings()
    workspace, base, target = place(path, settings)
    found = find(workspace, target, settings)
    owned = owners(workspace)
    total = len(found.stacks)
    stacks = review_each(
        found.stacks,
        lambda stack: review_stack(workspace, stack, settings, owned, base),
        lambda done: progress(done, total) if progress is not None else None,
    )
    diagnostics = [diagnostic_record(item, lambda file: _relative(file, base)) for item in found.diagnostics]
    return Review(
        stacks, diagnostics, summary(stacks, diagnostics, time.perf_counter() - started), workspace.root
    )


def place(path: str | os.PathLike[str], settings: Settings) -> tuple[Workspace, str, str]:
    """The workspace, the folder that files are shown relative to, and the reviewed path, both relative to the root."""
    workspace = Disk(settings.root or find_root(Path(path)))
    target = os.path.relpath(os.path.realpath(path), workspace.root).replace(os.sep, "/")
    target = "" if target == "." else target
    base = target if workspace.is_folder(target) else posixpath.dirname(target)
    return workspace, base, target


def _relative(file: str, base: str) -> str:
    return posixpath.relpath(file, base) if base else file or "."


def stack_folder(stack: StackRef) -> str:
    """The folder of a stack: a root itself, or that of its template or plan."""
    is_folder = stack.format == "terraform" and not stack.path.endswith(".json")
    return stack.path if is_folder else posixpath.dirname(stack.path)


def review_stack(
    workspace: Workspace, stack: StackRef, settings: Settings, owned: Owners | None = None, base: str = ""
) -> StackReview:
    """Review one stack in each of its environments."""
    try:
        settings = closest(settings, stack_folder(stack), workspace)
    except ConfigError as error:
        return _unread(stack, Diagnostic(error.file, error.line, "error", error.message, error.hint), base)
    recorder = Recorder(stack, settings, owned or Owners(), base, datetime.date.today())
    try:
        for environment, reading in readings(workspace, stack, settings):
            recorder.add(reading, judge(reading.graph, selection(settings, stack, environment)), environment)
    except Unreadable as error:
        return _unread(stack, Diagnostic(error.path, 0, "error", error.message, error.hint), base)
    except Malformed as error:
        hint = error.hint or "mend the file, then review it again"
        return _unread(stack, Diagnostic(stack.path, error.line, "error", error.message, hint), base)
    return recorder.review([environment.name for environment in settings.environments])


def readings(
    workspace: Workspace, stack: StackRef, settings: Settings
) -> Iterator[tuple[Environment | None, Reading]]:
    """A stack's graph in each environment; raises `Unreadable` or `Malformed`."""
    if stack.format == "terraform":
        from stackworthy.sources.terraform.reader import read as read_root

        for environment in settings.environments or (None,):
            yield environment, read_root(workspace, stack, settings, environment)
        return
    from stackworthy.sources.cloudformation import reader
    from stackworthy.sources.cloudformation.documents import Documents

    documents = Documents(workspace)
    for environment in settings.environments or (None,):
        yield environment, reader.read(workspace, stack, settings, environment, documents)


def graphs(
    path: str | os.PathLike[str], settings: Settings | None = None
) -> Iterator[tuple[StackRef, Environment | None, Graph]]:
    """The graph of every stack below a path, in each environment. Stacks that cannot be read are left out."""
    settings = settings or Settings()
    workspace, _, target = place(path, settings)
    for stack in find(workspace, target, settings).stacks:
        try:
            for environment, reading in readings(
                workspace, stack, closest(settings, stack_folder(stack), workspace)
            ):
                yield stack, environment, reading.graph
        except (Unreadable, Malformed):
            continue


def selection(settings: Settings, stack: StackRef, environment: Environment | None) -> Selection:
    """Which rules judge a stack in an environment."""
    override = settings.override(stack.path)
    profile = (environment.profile if environment else None) or (override.profile if override else None)
    return Selection(
        profile or settings.profile,
        settings.rules,
        settings.skip + (override.skip_rules if override else ()),
        settings.pillars,
    )


def _unread(stack: StackRef, problem: Diagnostic, base: str) -> StackReview:
    record = diagnostic_record(problem, lambda file: _relative(file, base))
    return StackReview(_relative(stack.path, base), stack.format, [], [], [], [], [], [record])


def summary(stacks: list[StackReview], diagnostics: list[DiagnosticRecord], seconds: float) -> Summary:
    """Counts over all stacks."""
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    fixes: Counter[str] = Counter()
    unmapped: Counter[str] = Counter()
    for stack in stacks:
        for verdict in stack.verdicts:
            verdicts[verdict.state] += 1
            if verdict.state == "not-assessed":
                reasons[verdict.reason] += 1
        findings.update(finding.severity for finding in stack.findings)
        fixes.update(finding.fix.safety for finding in stack.findings if finding.fix is not None)
        unmapped.update(resource.type for resource in stack.resources if resource.kind is None)
    wrong = [*diagnostics, *(item for stack in stacks for item in stack.diagnostics)]
    return Summary(
        stacks=len(stacks),
        resources=sum(len(stack.resources) for stack in stacks),
        unmapped=dict(unmapped.most_common()),
        verdicts=dict(verdicts),
        findings=dict(findings),
        suppressed=sum(len(stack.suppressed) for stack in stacks),
        fixes=dict(fixes),
        not_assessed=[NotAssessedCount(reason, count) for reason, count in reasons.most_common()],
        errors=sum(item.level == "error" for item in wrong),
        seconds=round(seconds, 3),
    )
