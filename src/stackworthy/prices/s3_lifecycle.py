"""Where uploaded objects come to lie: a bucket's storage, transitions and early deletions in a steady state.

As much is uploaded each day, so a class holds a day's upload for every day that an object spends in it. Sources:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html (order of classes,
small objects) and https://aws.amazon.com/s3/pricing/ (minimum sizes and durations, overhead of archived objects).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, NotKnown, is_stated
from stackworthy.prices.registry import UsageOf, maps, number

KB_PER_GB = 1024 * 1024
SMALL = 128
Derived = dict[str, tuple[Decimal, str, str]]
"""Usage key -> quantity, formula, assumption."""


class _Class(NamedTuple):
    """A class that objects move to: its usage name, minimum days, minimum KB, and KB of overhead in it and in Standard."""

    name: str
    days: int
    least_kb: int = 0
    overhead_kb: int = 0
    standard_kb: int = 0


CLASSES = {
    "STANDARD_IA": _Class("standard_infrequent_access", 30, SMALL),
    "ONEZONE_IA": _Class("one_zone_infrequent_access", 30, SMALL),
    "INTELLIGENT_TIERING": _Class("intelligent_tiering", 0),
    "GLACIER_IR": _Class("glacier_instant_retrieval", 90, SMALL),
    "GLACIER": _Class("glacier_flexible_retrieval", 90, 0, 32, 8),
    "DEEP_ARCHIVE": _Class("glacier_deep_archive", 180, 0, 32, 8),
}


class _Step(NamedTuple):
    """A move on a day of an object's life."""

    day: Decimal
    to: _Class


def flow(bucket: Resource, asked: UsageOf) -> Derived:
    """What uploads come to, by usage key; empty when nothing is uploaded. Raises `NotKnown`."""
    uploaded = asked["monthly_uploaded_gb"]
    if not uploaded or not asked["object_kb"]:
        return {}
    size = asked["object_kb"]
    if asked.stated("monthly_objects"):
        objects, counted = asked["monthly_objects"], "{monthly_objects} objects"
    else:
        objects, counted = (
            uploaded * KB_PER_GB / size,
            "{monthly_uploaded_gb} GB × 1,048,576 / {object_kb} KB",
        )
    steps, expires, assumed = _life(bucket, size)
    month = asked.hours / 24
    end = expires if expires is not None else asked["months_kept"] * month
    kept = "" if expires is not None else f"{asked['months_kept']} months of uploads are held"
    said = "; ".join(part for part in (kept, assumed) if part)
    made: Derived = {"standard.monthly_tier_1_requests": (objects, counted, "")}
    spent = min(steps[0].day, end) if steps else end
    daily = "{monthly_uploaded_gb} GB a month"
    made["standard.storage_gb"] = (uploaded / month * spent, f"{daily} for {spent} days", said)
    for index, step in enumerate(steps):
        if step.day >= end:
            break
        leaves = min(steps[index + 1].day, end) if index + 1 < len(steps) else end
        days = max(leaves - step.day, Decimal(step.to.days))
        billed = max(size, Decimal(step.to.least_kb)) + step.to.overhead_kb
        amount = objects * billed / KB_PER_GB / month * days
        words = f"{counted} × {billed} KB / 1,048,576 for {days} days"
        if step.to.name == "intelligent_tiering":
            made.update(
                _tiered(
                    amount, days, asked["accessed_percent"] if size >= SMALL else Decimal(100), words, said
                )
            )
        else:
            made[f"{step.to.name}.storage_gb"] = (amount, words, said)
        made[f"{step.to.name}.monthly_lifecycle_transition_requests"] = (objects, counted, said)
        if step.to.name == "intelligent_tiering" and size >= SMALL:
            watched = objects / month * days
            made["intelligent_tiering.monitored_objects"] = (watched, f"{counted} for {days} days", said)
        if step.to.standard_kb:
            _overhead(made, objects * step.to.standard_kb / KB_PER_GB / month * days)
    return made


def _tiered(amount: Decimal, days: Decimal, accessed: Decimal, words: str, said: str) -> Derived:
    """The tiers of Intelligent-Tiering: what is not read moves on after 30 and after 90 days; small objects never do."""
    cold = amount * max(100 - accessed, Decimal(0)) / 100
    made: Derived = {}
    left = days
    for name, least in (("infrequent_access_storage_gb", 30), ("archive_instant_access_storage_gb", 90)):
        most = Decimal(60) if least == 30 else days
        spent = min(max(days - least, Decimal(0)), most)
        if cold and spent:
            made[f"intelligent_tiering.{name}"] = (
                cold * spent / days,
                f"{words}, {spent} of them unread",
                said,
            )
            left -= spent
    warm = amount - cold + cold * left / days
    return {
        "intelligent_tiering.frequent_access_storage_gb": (warm, f"{words}, read or in the first 30", said),
        **made,
    }


def _overhead(made: Derived, extra: Decimal) -> None:
    amount, words, said = made["standard.storage_gb"]
    made["standard.storage_gb"] = (
        amount + extra,
        f"{words}, and 8 KB of index for each archived object",
        said,
    )


def _life(bucket: Resource, size: Decimal) -> tuple[list[_Step], Decimal | None, str]:
    """The moves of an object, the day on which it expires (None: never), and what was taken for granted."""
    steps: list[_Step] = []
    expires: Decimal | None = None
    filtered = False
    for rule in maps(bucket["LifecycleConfiguration.Rules"]):
        if rule["Status"] != "Enabled":
            continue
        some = _is_some(rule)
        days = _days(rule, "ExpirationInDays")
        moves = list(_moves(rule, size))
        if (moves or days is not None) and some:
            filtered = True
        steps.extend(moves)
        if days is not None:
            expires = days if expires is None else min(expires, days)
    steps.sort(key=lambda step: step.day)
    return steps, expires, "rules with a filter cover every object" if filtered else ""


def _is_some(rule: Map) -> bool:
    """Whether a rule covers only some objects."""
    return any(
        is_stated(rule[name]) and rule[name] not in ("", "/") for name in ("Prefix", "TagFilters", "Filter")
    )


def _days(rule: Map, name: str) -> Decimal | None:
    return number(rule[name]) if is_stated(rule[name]) else None


def _moves(rule: Map, size: Decimal) -> Iterator[_Step]:
    """The moves that a rule makes; S3 moves no object under 128 KB unless a rule states a smaller size."""
    if size < SMALL and not is_stated(rule["ObjectSizeGreaterThan"]):
        return
    stated = list(maps(rule["Transitions"]))
    if is_stated(rule["Transition"]):
        if not isinstance(rule["Transition"], Map):
            raise NotKnown("a transition is no object")
        stated.append(rule["Transition"])
    for move in stated:
        to = CLASSES.get(str(move["StorageClass"]))
        if to is not None and is_stated(move["TransitionInDays"]):
            yield _Step(number(move["TransitionInDays"]), to)
