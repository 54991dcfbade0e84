"""Lifecycle rules of buckets: unfinished uploads, old versions, archives that cost more than they save or that nobody can read from.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import own, word
from stackworthy.core.fix import Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, OpenList, Value
from stackworthy.sources.code.uses import uses

RULES = "LifecycleConfiguration.Rules"
ABORT_AFTER, OLD_VERSIONS_FOR = 1, 30
ARCHIVES = {"GLACIER": 90, "DEEP_ARCHIVE": 180}
"""Classes out of which nothing can be read without being restored first, with the days that they bill at least."""

A_YEAR = 365


class _Step(NamedTuple):
    changes: tuple[Change, ...]
    what: str
    care: str = ""


def improvements(graph: Graph) -> list[Improvement]:
    """What each bucket's lifecycle should say besides; done for a bucket whose lifecycle says all of it."""
    made = []
    for bucket in own(graph, "AWS::S3::Bucket"):
        try:
            improvement = _of(bucket)
        except NotKnown:
            continue
        if improvement is not None:
            made.append(improvement)
    return made


def _of(bucket: Resource) -> Improvement | None:
    rules = bucket[RULES]
    if rules is not ABSENT and (not isinstance(rules, List) or isinstance(rules, OpenList)):
        return None
    known = list(rules) if isinstance(rules, List) else []
    title = f"Tighten the lifecycle of {word(bucket)}"
    steps = [*_rules(bucket, known), *_whole(bucket, known)]
    if not steps:
        return Improvement(
            title,
            "",
            resources=(bucket.address,),
            done="its rules end uploads, old versions and archives in time",
        )
    why = "; ".join(step.what for step in steps)
    care = tuple(step.care for step in steps if step.care)
    changes = tuple(change for step in steps for change in step.changes)
    return Improvement(title, why, changes, care, (bucket.address,))


def _rules(bucket: Resource, rules: list[Map]) -> Iterator[_Step]:
    """What is wrong with the rules that are there."""
    kept = any(
        _enabled(rule) and rule["Prefix"] is not ABSENT and rule["ExpirationInDays"] is ABSENT
        for rule in rules
    )
    for index, rule in enumerate(rules):
        moves = rule["Transitions"]
        if not _enabled(rule) or not isinstance(moves, List) or not moves:
            continue
        at = f"{RULES}[{index}]"
        name = rule["Prefix"] if rule["Prefix"] is not ABSENT else "all objects"
        first = moves[0]
        end = rule["ExpirationInDays"]
        if (
            end is not ABSENT
            and first["StorageClass"] in ARCHIVES
            and first["TransitionInDays"] is not ABSENT
        ):
            step = _deleted_sooner(bucket, at, name, first, end, len(moves), kept)
            if step is not None:
                yield step
        elif (
            end is ABSENT
            and rule["Prefix"] is not ABSENT
            and all(move["StorageClass"] in ARCHIVES for move in moves)
            and _is_read(bucket)
        ):
            yield _tiered(bucket, at, name, len(moves))


def _deleted_sooner(
    bucket: Resource, at: str, name: str, first: Map, end: Value, moves: int, kept: bool
) -> _Step | None:
    """What is archived only to be deleted: it goes when it would have been archived, or stays where it is until it goes."""
    day, storage = first["TransitionInDays"], first["StorageClass"]
    gone = tuple(bucket.remove(f"{at}.Transitions[{index}]") for index in range(moves)) if moves > 1 else ()
    without = gone or (bucket.remove(f"{at}.Transitions[0]"),)
    if kept and end <= A_YEAR:
        return _Step(
            (*without, bucket.set(f"{at}.ExpirationInDays", day)),
            f"delete {name} after {day} days: from then on nobody reads it where {storage} keeps it, and it is deleted after {end} days anyhow",
            f"make sure that {name} can be made again, or is not needed after {day} days: what expires is gone, and cannot be restored",
        )
    if end - day < ARCHIVES[storage]:
        return _Step(
            without,
            f"leave {name} where it is until it expires: {storage} bills {ARCHIVES[storage]} days at least, and it would stay there {end - day}",
        )
    return None


def _tiered(bucket: Resource, at: str, name: str, moves: int) -> _Step:
    changes: list[Change] = [
        bucket.set(f"{at}.Transitions[0].TransitionInDays", 0),
        bucket.set(f"{at}.Transitions[0].StorageClass", "INTELLIGENT_TIERING"),
    ]
    changes += [bucket.remove(f"{at}.Transitions[{index}]") for index in range(1, moves)]
    return _Step(
        tuple(changes),
        f"let Intelligent-Tiering move {name}: code reads from this bucket, and an archived object cannot be read before it is restored; "
        "there is no fee for reading, a small one for each object that is watched",
    )


def _is_read(bucket: Resource) -> bool:
    """Whether code of the stack gets objects from the bucket."""
    return any(edge.target is bucket and edge.kind == "reads" for edge in uses(bucket.graph))


def _whole(bucket: Resource, rules: list[Map]) -> Iterator[_Step]:
    """What no rule says yet for the bucket as a whole."""
    aborting = [
        (i, rule)
        for i, rule in enumerate(rules)
        if _enabled(rule) and rule["AbortIncompleteMultipartUpload"] is not ABSENT
    ]
    added = len(rules)
    versioned = bucket["VersioningConfiguration.Status"] == "Enabled"
    expires = any(_enabled(rule) and _expires_versions(rule) for rule in rules)
    new: dict[str, Map] = {}
    for index, rule in aborting:
        path = f"{RULES}[{index}].AbortIncompleteMultipartUpload.DaysAfterInitiation"
        days = rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
        if days > ABORT_AFTER:
            what = f"end unfinished uploads after {ABORT_AFTER} day instead of {days}: their parts are billed and listed nowhere"
            yield _Step((bucket.set(path, ABORT_AFTER),), what)
    if not aborting:
        new["abort-uploads"] = Map(AbortIncompleteMultipartUpload=Map(DaysAfterInitiation=ABORT_AFTER))
    if versioned and not expires:
        new["old-versions"] = Map(NoncurrentVersionExpiration=Map(NoncurrentDays=OLD_VERSIONS_FOR))
    words = {
        "abort-uploads": f"end unfinished uploads after {ABORT_AFTER} day: their parts are billed and listed nowhere",
        "old-versions": f"delete old versions after {OLD_VERSIONS_FOR} days: without it, what expires stays as a version and saves nothing",
    }
    made = [Map(Id=name, Status="Enabled", **body) for name, body in new.items()]
    if made and not rules:
        change: tuple[Change, ...] = (bucket.set(RULES, List(made)),)
        yield _Step(change, "; ".join(words[name] for name in new))
        return
    for offset, (name, rule) in enumerate(zip(new, made, strict=True)):
        yield _Step((bucket.set(f"{RULES}[{added + offset}]", rule),), words[name])


def _enabled(rule: Map) -> bool:
    return bool(rule["Status"] == "Enabled")


def _expires_versions(rule: Map) -> bool:
    return (
        rule["NoncurrentVersionExpiration"] is not ABSENT
        or rule["NoncurrentVersionExpirationInDays"] is not ABSENT
    )
