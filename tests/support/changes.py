"""Carries out the changes of a fix on a template's plain data, as a source would on its text."""

from __future__ import annotations

from stackworthy.judge.example_changes import changed, plain

__all__ = ["changed", "plain"]
