"""Which expander handles which SAM kind, and in which order kinds are expanded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .context import Context

Expander = Callable[[Context, str], None]

EXPANDERS: Mapping[str, Expander] = {}

ORDER: tuple[tuple[str, ...], ...] = (
    ("AWS::Serverless::Function",),
    ("AWS::Serverless::WebFunction",),
    ("AWS::Serverless::StateMachine",),
    ("AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::Serverless::WebSocketApi"),
)
"""SAM's order: functions and state machines write into the APIs they use. Kinds not named come next, in template order."""

LAST = "AWS::Serverless::Connector"
"""Connectors need everything else in its plain form."""
