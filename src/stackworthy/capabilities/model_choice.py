"""Dearer models of Bedrock where a smaller one may do: what to try, and how to tell.

https://aws.amazon.com/bedrock/pricing/
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.improvement import Improvement
from stackworthy.core.graph import Graph
from stackworthy.core.value import NotKnown, Value
from stackworthy.sources.code.handler import Handler, handlers
from stackworthy.sources.code.sdk import SdkCall

SMALLER = {
    "claude-opus": "a Claude Sonnet or Haiku",
    "claude-sonnet": "a Claude Haiku",
    "claude-3-5-sonnet": "a Claude Haiku",
    "claude-3-7-sonnet": "a Claude Haiku",
    "claude-3-opus": "a Claude Sonnet or Haiku",
    "claude-3-sonnet": "a Claude Haiku",
    "nova-premier": "Nova Pro or Lite",
    "nova-pro": "Nova Lite or Micro",
    "llama3-1-405b": "Llama 70B",
    "mistral-large": "Mistral Small",
}
"""What is dearer, by a piece of the model's id, and what to try in its place."""

_PARAMETERS = ("modelId", "ModelId", "foundationModel")


def improvements(graph: Graph) -> list[Improvement]:
    """A trial by hand for each function or agent that asks a dearer model."""
    found: dict[str, tuple[str, int]] = {}
    for address, model, calls in _asked(graph):
        known = found.get(address)
        found[address] = (model, calls + (known[1] if known else 0))
    return [_of(address, model, calls) for address, (model, calls) in found.items() if _smaller(model)]


def _asked(graph: Graph) -> Iterator[tuple[str, str, int]]:
    """Who asks which model, with the number of places that call it."""
    for handler in handlers(graph):
        for call in handler.sdk_calls(init=True):
            if not call.service.startswith("bedrock"):
                continue
            for name in _PARAMETERS:
                model: Value = handler.value(call.parameters[name]) if name in call.parameters else ""
                if isinstance(model, str) and model:
                    yield handler.function.address, model, _places(handler, call)
    for agent in graph.of("AWS::Bedrock::Agent"):
        try:
            if isinstance(agent["FoundationModel"], str):
                yield agent.address, agent["FoundationModel"], 1
        except NotKnown:
            continue


def _places(handler: Handler, call: SdkCall) -> int:
    """From how many places the function is called in which a call stands; one for a call at the top."""
    node = call.scope.node
    callers = [
        site for site in handler.calls() if node is not None and handler.called(site.node) is call.scope
    ]
    return max(len(callers), 1)


def _smaller(model: str) -> str:
    """What to try in the place of a model, "" for one that is small already."""
    return next((other for piece, other in SMALLER.items() if piece in model), "")


def _of(address: str, model: str, calls: int) -> Improvement:
    other = _smaller(model)
    name = address.rsplit("/", 1)[-1].rsplit(".", 1)[-1]
    why = (
        f"{name} asks {model}; {other} costs a fraction of it for each token (see the price list of Bedrock for the model and Region), and suits tasks "
        "with a fixed form: extracting, sorting, tagging. Whether its answers are good enough is yours to judge"
    )
    steps = (
        "collect at least ten real inputs, long and short ones, with the answers that you want"
        + (
            f"; try the {calls} tasks of {name} one by one, those that answer in JSON first"
            if calls > 1
            else ""
        ),
        f"ask both models the same, compare the answers blind, and check that JSON parses every time: {model} and {other}",
        "count input and output tokens of both: a smaller model that answers longer, or is asked twice, saves less",
        "make the model of each task a setting of its own, change one task first, and watch corrections and failures for a week",
    )
    return Improvement(f"Try a smaller model in {name}", why, steps=steps, resources=(address,))
