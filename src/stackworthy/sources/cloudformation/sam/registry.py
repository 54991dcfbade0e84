"""Which expander handles which SAM kind, and in which order kinds are expanded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from .context import Context

Expander = Callable[[Context, str], None]

MODULES: Mapping[str, str] = {
    "AWS::Serverless::Function": "function",
    "AWS::Serverless::WebFunction": "web_function",
    "AWS::Serverless::StateMachine": "state_machine",
    "AWS::Serverless::Api": "api",
    "AWS::Serverless::HttpApi": "http_api",
    "AWS::Serverless::WebSocketApi": "websocket",
    "AWS::Serverless::GraphQLApi": "graphql",
    "AWS::Serverless::SimpleTable": "simple_table",
    "AWS::Serverless::LayerVersion": "layer_version",
    "AWS::Serverless::Application": "application",
    "AWS::Serverless::CapacityProvider": "capacity_provider",
    "AWS::Serverless::NetworkConnector": "network_connector",
    "AWS::Serverless::MicrovmImage": "microvm_image",
    "AWS::Serverless::Connector": "connector",
}
"""The module whose `expand` handles a kind. It is imported when a template has the kind: all of them take as long as a review."""


@cache
def expander(kind: str) -> Expander | None:
    """What expands resources of a kind; None for a kind that SAM does not know."""
    module = MODULES.get(kind)
    if module is None:
        return None
    found: Expander = import_module(f"{__package__}.{module}").expand
    return found


ORDER: tuple[tuple[str, ...], ...] = (
    ("AWS::Serverless::Function",),
    ("AWS::Serverless::WebFunction",),
    ("AWS::Serverless::StateMachine",),
    ("AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::Serverless::WebSocketApi"),
)
"""SAM's order: functions and state machines write into the APIs they use. Kinds not named come next, in template order."""

LAST = "AWS::Serverless::Connector"
"""Connectors need everything else in its plain form."""
