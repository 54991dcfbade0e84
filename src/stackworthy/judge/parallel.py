"""Two processes share the work when there is much of it. Stacks are independent, and their reviews are plain data."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

MUCH = 60
"""Stacks below which starting another process costs more than it saves."""

T = TypeVar("T")
R = TypeVar("R")


def review_each(
    stacks: Sequence[T], one: Callable[[T], R], done: Callable[[int], None], kind: type[R]
) -> list[R]:
    """What `one` says of each stack, in order: plain data of this kind. `done` is told how many are reviewed."""
    if len(stacks) < MUCH or not _may_fork():
        return [_told(one, stack, index, done) for index, stack in enumerate(stacks)]
    return _shared(stacks, one, done, kind)


def _told(one: Callable[[T], R], stack: T, index: int, done: Callable[[int], None]) -> R:
    review = one(stack)
    done(index + 1)
    return review


def _may_fork() -> bool:
    """A copy of a process with threads may wait for ever for what another thread held."""
    return hasattr(os, "fork") and (os.cpu_count() or 1) > 1 and threading.active_count() == 1


def _shared(
    stacks: Sequence[T], one: Callable[[T], R], done: Callable[[int], None], kind: type[R]
) -> list[R]:
    """This process takes every other stack, a copy of it the rest; the copy sends its reviews through a pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(reading, writing, stacks[1::2], one)
    os.close(writing)
    mine: list[R] = []
    for index, stack in enumerate(stacks[0::2]):
        mine.append(one(stack))
        done(min(2 * index + 2, len(stacks)))
    with os.fdopen(reading, "rb") as stream:
        sent = stream.read()
    _, status = os.waitpid(child, 0)
    if status == 0:
        theirs = msgspec.msgpack.decode(sent, type=list[kind])  # type: ignore[valid-type]
    else:
        theirs = [one(stack) for stack in stacks[1::2]]
    reviews = [review for pair in zip(mine, theirs, strict=False) for review in pair]
    return reviews + mine[len(theirs) :]


def _work(reading: int, writing: int, stacks: Sequence[T], one: Callable[[T], R]) -> None:
    """Review, send, and end this copy of the process without running anything that the original registered."""
    status = 1
    try:
        os.close(reading)
        content = msgspec.msgpack.encode([one(stack) for stack in stacks])
        with os.fdopen(writing, "wb") as stream:
            stream.write(content)
        status = 0
    finally:
        os._exit(status)
