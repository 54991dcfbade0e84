"""What a capability comes to on one stack."""

from __future__ import annotations

import msgspec

from stackworthy.core.fix import Change


class Improvement(msgspec.Struct, frozen=True):
    """One change for the better of one stack: `why` says what it is good for and what it costs or may break.

    `changes` are carried out together; `steps` are left to a person. `resources` are the addresses that it is for; `done` says,
    with the evidence, that the stack has it already (then there are no changes).
    """

    title: str
    why: str
    changes: tuple[Change, ...] = ()
    steps: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    done: str = ""
