"""Amazon S3: lifecycle rules that cost more than they save."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import Map, Value, is_stated, show
from stackworthy.rules._forms import items

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_MINIMUM = {
    "STANDARD_IA": 30,
    "ONEZONE_IA": 30,
    "GLACIER_IR": 90,
    "GLACIER": 90,
    "DEEP_ARCHIVE": 180,
}
"""Days that a storage class bills at least, however soon an object leaves it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
"""


def _moves(rule: Map, singular: str, plural: str) -> Iterator[tuple[str, Map]]:
    """The transitions of a lifecycle rule, in the old and the new way of writing them, each with its path."""
    if is_stated(rule[singular]):
        yield singular, rule[singular]
    if is_stated(rule[plural]):
        for index, move in enumerate(rule[plural]):
            yield f"{plural}[{index}]", move


class ArchivedTooBriefly(Rule):
    """Archives bill 90 or 180 days for each object, however soon it goes: what expires earlier pays for days that it was not there.

    Moving it costs a request besides. What is kept for a few weeks is cheapest where it is; infrequent access bills 30 days.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.COST, Severity.LOW
    message = (
        "objects are to expire {stay} days after they came to {storage}, which bills {minimum} days at least"
    )
    references = (
        f"{_GUIDE}storage-class-intro.html",
        f"{_GUIDE}lifecycle-transition-general-considerations.html",
    )

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Compare, in each rule in force, the day of moving with the day of expiring."""
        versioned = bucket["VersioningConfiguration.Status"] == "Enabled"
        for path, rule in items(bucket, "LifecycleConfiguration.Rules"):
            if rule["Status"] != "Enabled":
                continue
            later = _days_of_old_versions(rule)
            if is_stated(rule["ExpirationInDays"]):
                end = rule["ExpirationInDays"] + (later if versioned else 0)
                yield from _early(bucket, path, _moves(rule, "Transition", "Transitions"), end)
            if later:
                old = _moves(rule, "NoncurrentVersionTransition", "NoncurrentVersionTransitions")
                yield from _early(bucket, path, old, later)

    bad = """
        Reports:
          Type: AWS::S3::Bucket
          Properties:
            LifecycleConfiguration:
              Rules:
                - Status: Enabled
                  Transitions: [{StorageClass: GLACIER, TransitionInDays: 7}]
                  ExpirationInDays: 60
                  AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}
    """
    good = (bad.replace("60", "365"), bad.replace("GLACIER", "STANDARD_IA"))


def _early(bucket: Resource, path: str, moves: Iterable[tuple[str, Map]], end: Value) -> Iterator[Finding]:
    for at, move in moves:
        minimum = _MINIMUM.get(show(move["StorageClass"]), 0)
        if is_stated(move["TransitionInDays"]) and end - move["TransitionInDays"] < minimum:
            yield bucket.finding(
                f"{path}.{at}.TransitionInDays",
                stay=max(end - move["TransitionInDays"], 0),
                storage=move["StorageClass"],
                minimum=minimum,
            )


def _days_of_old_versions(rule: Map) -> Value:
    """After how many days old versions go; 0 when the rule says nothing of them."""
    days = rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
    if is_stated(days):
        return days
    old = rule["NoncurrentVersionExpirationInDays"]
    return old if is_stated(old) else 0


class LeavesArchiveTooSoon(Rule):
    """An object that moves on before an archive's least number of days pays for the days it was not there, and for two moves."""

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "objects move on {stay} days after they came to {storage}, which bills {minimum} days at least"
    references = (
        f"{_GUIDE}storage-class-intro.html",
        f"{_GUIDE}lifecycle-transition-general-considerations.html",
    )

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Compare the days of two moves that follow each other."""
        for path, rule in items(bucket, "LifecycleConfiguration.Rules"):
            moves = [
                (move["TransitionInDays"], show(move["StorageClass"]), at)
                for at, move in _moves(rule, "Transition", "Transitions")
                if is_stated(move["TransitionInDays"])
            ]
            if rule["Status"] != "Enabled" or len(moves) < 2:
                continue
            moves.sort(key=lambda move: move[0])
            for (day, storage, _), (after, _, at) in itertools.pairwise(moves):
                minimum = _MINIMUM.get(storage, 0)
                if after - day < minimum:
                    yield bucket.finding(
                        f"{path}.{at}.TransitionInDays", stay=after - day, storage=storage, minimum=minimum
                    )

    bad = """
        Reports:
          Type: AWS::S3::Bucket
          Properties:
            LifecycleConfiguration:
              Rules:
                - Status: Enabled
                  AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}
                  Transitions:
                    - {StorageClass: GLACIER, TransitionInDays: 30}
                    - {StorageClass: DEEP_ARCHIVE, TransitionInDays: 60}
    """
    good = bad.replace("60", "120")


RULES = (ArchivedTooBriefly(), LeavesArchiveTooSoon())
