"""Which expander handles which SAM kind, and in which order kinds are expanded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import (
    api,
    application,
    capacity_provider,
    connector,
    function,
    graphql,
    http_api,
    layer_version,
    microvm_image,
    network_connector,
    simple_table,
    state_machine,
    web_function,
    websocket,
)
from .context import Context

Expander = Callable[[Context, str], None]

EXPANDERS: Mapping[str, Expander] = {
    "AWS::Serverless::Function": function.expand,
    "AWS::Serverless::WebFunction": web_function.expand,
    "AWS::Serverless::StateMachine": state_machine.expand,
    "AWS::Serverless::Api": api.expand,
    "AWS::Serverless::HttpApi": http_api.expand,
    "AWS::Serverless::WebSocketApi": websocket.expand,
    "AWS::Serverless::GraphQLApi": graphql.expand,
    "AWS::Serverless::SimpleTable": simple_table.expand,
    "AWS::Serverless::LayerVersion": layer_version.expand,
    "AWS::Serverless::Application": application.expand,
    "AWS::Serverless::CapacityProvider": capacity_provider.expand,
    "AWS::Serverless::NetworkConnector": network_connector.expand,
    "AWS::Serverless::MicrovmImage": microvm_image.expand,
    "AWS::Serverless::Connector": connector.expand,
}

ORDER: tuple[tuple[str, ...], ...] = (
    ("AWS::Serverless::Function",),
    ("AWS::Serverless::WebFunction",),
    ("AWS::Serverless::StateMachine",),
    ("AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::Serverless::WebSocketApi"),
)
"""SAM's order: functions and state machines write into the APIs they use. Kinds not named come next, in template order."""

LAST = "AWS::Serverless::Connector"
"""Connectors need everything else in its plain form."""
