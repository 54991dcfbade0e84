"""The main job: sources, graph, rules, suppressions; and the review that they come to."""

from __future__ import annotations

import datetime
import hashlib
import os
import posixpath
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec

from stackworthy.aws.runtimes import era
from stackworthy.config import Environment, Settings, closest
from stackworthy.config_file import ConfigError
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.graph import Graph
from stackworthy.core.review import DiagnosticRecord, NotAssessedCount, Review, StackReview, Summary
from stackworthy.core.workspace import Disk, Unreadable, Workspace, find_root
from stackworthy.judge import own_rules
from stackworthy.judge.cache import Judged, Kept, uncollected
from stackworthy.judge.cache_folder import Unsafe as UnsafeFolder
from stackworthy.judge.cache_folder import cache_folder
from stackworthy.judge.engine import Selection, judge
from stackworthy.judge.parallel import review_each
from stackworthy.judge.program import fingerprint
from stackworthy.judge.recording import Question, Recording
from stackworthy.judge.records import Recorder, diagnostic_record
from stackworthy.owners import Owners, owners
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.find import Found, find
from stackworthy.sources.stack import Reading, StackRef

UNHURRIED_SECONDS = 2.0
"""The limits on time are no shorter: a review that took less met none of them, and would come out the same anywhere."""

Progress = Callable[[int, int], None]
"""Told how many stacks are done, and of how many."""


class Against(msgspec.Struct, frozen=True):
    """What a review is held against; "" for nothing.

    `changed_since`: judge only stacks that changes since this revision (or within a range) touch. `new_since`: only what this revision had not is a finding.
    `baseline`: the file of known findings.
    """

    changed_since: str = ""
    new_since: str = ""
    baseline: str = ""


def review(
    path: str | os.PathLike[str],
    settings: Settings | None = None,
    progress: Progress | None = None,
    *,
    cached: bool = False,
    against: Against | None = None,
    tell: Callable[[str], None] | None = None,
) -> Review:
    """Review every stack below a path. Nothing is printed; what is wrong with the input stands in the review.

    `cached`: keep reviews in the user's cache folder, and take from there those that still hold; else nothing is written. `tell` hears what is
    wrong with the cache. Raises `Unreadable` for a revision and `baseline.Damaged` or `OSError` for a baseline that cannot be read.
    """
    settings = settings or Settings()
    now = run(path, settings, progress, cached=cached)
    if tell is not None:
        for note in now.notes:
            tell(note)
    return held(now, path, settings, against or Against())


def held(now: Run, path: str | os.PathLike[str], settings: Settings, against: Against) -> Review:
    """The review of a run, held against revisions and the baseline."""
    from stackworthy.judge import revisions
    from stackworthy.judge.changes import changes

    if against == Against():
        return now.review
    root = now.workspace.root
    judged, since, known = now.judged, None, None
    if against.changed_since:
        judged = revisions.touched(judged, changes(root, against.changed_since), settings)
    if against.new_since:
        place_then, found = revisions.revision_of(root, against.new_since)
        settings_then = revisions.settings_at(place_then, path, settings)
        unchanged = revisions.Unchanged(judged, place_then) if settings_then == settings else None
        then = run(path, settings_then, cached=False, workspace=place_then, already=unchanged)
        before = then.judged
        if against.changed_since:
            before = revisions.touched(before, changes(root, against.changed_since), settings)
        stacks, since = revisions.compared(judged, before, found, against.new_since)
        judged = revisions.with_stacks(judged, stacks)
    if against.baseline:
        from stackworthy.judge import baseline

        listed = baseline.read(against.baseline)
        whole = not against.changed_since and not settings.options.narrow
        stale = listed.stale(now.judged, now.target) if whole else []
        stacks, known = baseline.applied(listed, judged, against.baseline, stale)
        judged = revisions.with_stacks(judged, stacks)
    stacks = revisions.stacks_of(judged)
    counted = summary(stacks, now.review.diagnostics, now.review.summary.seconds)
    return msgspec.structs.replace(now.review, stacks=stacks, summary=counted, since=since, baseline=known)


class Run(msgspec.Struct):
    """A review with what it was made from. `judged` is by stack; `notes` say what was wrong with the cache."""

    review: Review
    workspace: Workspace
    base: str
    target: str
    judged: dict[StackRef, Judged]
    notes: list[str] = []


def run(
    path: str | os.PathLike[str],
    settings: Settings | None = None,
    progress: Progress | None = None,
    *,
    cached: bool = False,
    workspace: Workspace | None = None,
    already: Callable[[StackRef], Judged | None] | None = None,
) -> Run:
    """Review every stack below a path, and tell what each review rests on. Those that `already` gives are not made again."""
    started = time.perf_counter()
    settings = settings or Settings()
    disk, base, target = place(path, settings)
    workspace = workspace or disk
    owned = owners(workspace)
    notes: list[str] = []
    kept = _kept(workspace, target, base, settings, owned, notes) if cached else None
    with uncollected() if kept else nullcontext():
        found, asked = _found(workspace, target, settings, kept)
        known = {stack: _known(stack, already, kept) for stack in found.stacks}
    total = len(found.stacks)
    fresh = [stack for stack, one in known.items() if one is None]
    before = total - len(fresh)
    made = review_each(
        fresh,
        lambda stack: judged(workspace, stack, settings, owned, base),
        lambda done: progress(before + done, total) if progress is not None else None,
        Judged,
    )
    known.update(zip(fresh, made, strict=True))
    every = {stack: one for stack, one in known.items() if one is not None}
    if kept is not None:
        kept.keep(found, asked, every.items())
        notes.extend(kept.notes)
    stacks = [one.review for one in every.values()]
    diagnostics = [diagnostic_record(item, lambda file: _relative(file, base)) for item in found.diagnostics]
    own = [*own_rules.loaded().diagnostics, *own_rules.failures(stacks)]
    diagnostics.extend(diagnostic_record(item, str) for item in own)
    counted = summary(stacks, diagnostics, time.perf_counter() - started)
    return Run(Review(stacks, diagnostics, counted, workspace.root), workspace, base, target, every, notes)


def _known(
    stack: StackRef, already: Callable[[StackRef], Judged | None] | None, kept: Kept | None
) -> Judged | None:
    return (already(stack) if already is not None else None) or (kept.review(stack) if kept else None)


def _found(
    workspace: Workspace, target: str, settings: Settings, kept: Kept | None
) -> tuple[Found, list[Question]]:
    known = kept.found() if kept is not None else None
    if known is not None:
        return known
    recording = Recording(workspace)
    return find(recording, target, settings), recording.questions()


def _kept(
    workspace: Workspace, target: str, base: str, settings: Settings, owned: Owners, notes: list[str]
) -> Kept | None:
    """What earlier runs kept of this path: by this program, with these settings, owners and ends of runtimes."""
    try:
        folder = cache_folder(workspace.root)
    except UnsafeFolder as error:
        notes.append(f"no cache is used: {error}")
        return None
    if folder is None:
        return None
    today = datetime.date.today()
    digest = own_rules.loaded().digest
    own = [digest, today] if digest else []
    same = msgspec.structs.replace(
        settings, fail_on="", options=msgspec.structs.replace(settings.options, fail_on=None)
    )
    try:
        content = msgspec.msgpack.encode(
            [fingerprint(), workspace.root, target, base, same, owned.text, era(today), own],
            order="deterministic",
        )
    except (UnicodeEncodeError, TypeError):
        return None
    return Kept(folder, hashlib.sha256(content).hexdigest(), workspace, today.isoformat())


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
    return judged(workspace, stack, settings, owned or Owners(), base).review


def judged(workspace: Workspace, stack: StackRef, settings: Settings, owned: Owners, base: str) -> Judged:
    """Review one stack in each of its environments, and tell what the review rests on."""
    began = time.perf_counter()
    recording = Recording(workspace)
    dated = False
    try:
        settings = closest(settings, stack_folder(stack), recording)
        recorder = Recorder(stack, settings, owned, base, datetime.date.today())
        for environment, reading in readings(recording, stack, settings):
            recorder.add(reading, judge(reading.graph, selection(settings, stack, environment)), environment)
        review = recorder.review([environment.name for environment in settings.environments])
        dated = recorder.dated
    except ConfigError as error:
        review = _unread(stack, Diagnostic(error.file, error.line, "error", error.message, error.hint), base)
    except Unreadable as error:
        review = _unread(stack, Diagnostic(error.path, 0, "error", error.message, error.hint), base)
    except Malformed as error:
        hint = error.hint or "mend the file, then review it again"
        review = _unread(stack, Diagnostic(stack.path, error.line, "error", error.message, hint), base)
    lasting = not recording.torn and time.perf_counter() - began < UNHURRIED_SECONDS
    return Judged(review, recording.questions(), dated, lasting)


def readings(
    workspace: Workspace, stack: StackRef, settings: Settings
) -> Iterator[tuple[Environment | None, Reading]]:
    """A stack's graph in each environment; raises `Unreadable` or `Malformed`."""
    if stack.format == "terraform":
        from stackworthy.sources.terraform.reader import read as read_root

        for environment in settings.environments or (None,):
            yield environment, read_root(workspace, stack, settings, environment)
        return
    from stackworthy.sources.cloudformation.documents import Documents

    documents = Documents(workspace)
    if stack.format == "serverless":
        from stackworthy.sources.serverless.reader import read as read_service

        for environment in settings.environments or (None,):
            yield environment, read_service(workspace, stack, settings, environment, documents)
        return
    from stackworthy.sources.cloudformation import reader

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
        states = Counter([verdict.state for verdict in stack.verdicts])
        verdicts.update(states)
        if states["not-assessed"]:
            reasons.update(verdict.reason for verdict in stack.verdicts if verdict.state == "not-assessed")
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
