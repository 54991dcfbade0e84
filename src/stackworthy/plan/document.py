"""The plan as JSON, written and read again."""

from __future__ import annotations

import json
import os

import msgspec

from stackworthy.plan.model import SCHEMA, Plan

LARGEST = 50 * 1024 * 1024


class NotAPlan(Exception):
    """A file that holds no plan; the message goes on after the file's name."""


def encoded(plan: Plan) -> str:
    """The published JSON (`stackworthy.plan/1`)."""
    data = msgspec.to_builtins(plan)
    return json.dumps({"schema": data.pop("schema"), **data}, indent=2, ensure_ascii=False)


def read(path: str) -> Plan:
    """A plan that was kept. Raises `NotAPlan`."""
    try:
        if os.path.getsize(path) > LARGEST:
            raise NotAPlan("is too large for a plan")
        with open(path, "rb") as stream:
            plan = msgspec.json.decode(stream.read(), type=Plan)
    except OSError as error:
        raise NotAPlan(f"cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise NotAPlan(f"is no plan: {str(error)[:200]}") from None
    if plan.schema != SCHEMA:
        raise NotAPlan(f"is no plan: its schema is not {SCHEMA}")
    return plan
