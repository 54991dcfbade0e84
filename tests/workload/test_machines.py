"""How often states are entered."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.support.graphs import graph_of

from stackworthy.workload.machines import Visits, visits


def entered(
    states: dict[str, Any], items: float = 10, shares: dict[str, float] | None = None, failing: float = 0
) -> Visits:
    text = json.dumps({"StartAt": next(iter(states)), "States": states})
    machine = graph_of(
        f"M: {{Type: AWS::StepFunctions::StateMachine, Properties: {{DefinitionString: {json.dumps(text)}}}}}"
    )["M"]
    return visits(machine, items, (shares or {}).get, failing)


def task(to: str = "", **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:lambda:eu-west-1:1:function:f",
        **({"Next": to} if to else {"End": True}),
        **more,
    }


def test_each_state_of_a_chain_is_entered_once() -> None:
    assert entered({"A": task("B"), "B": task()}).by_state == {"A": 1, "B": 1}


def test_a_choice_leads_on_alike_and_says_so() -> None:
    found = entered(
        {"A": {"Type": "Choice", "Choices": [{"Next": "B"}], "Default": "C"}, "B": task(), "C": task()}
    )
    assert found.by_state == {"A": 1, "B": 0.5, "C": 0.5}
    assert "the choice A leads to B, C alike" in found.assumed


def test_stated_shares_are_followed_and_the_rest_goes_to_the_others() -> None:
    states = {"A": {"Type": "Choice", "Choices": [{"Next": "B"}], "Default": "C"}, "B": task(), "C": task()}
    assert entered(states, shares={"B": 0.9}).by_state == {"A": 1, "B": 0.9, "C": 0.1}


def test_a_loop_that_waits_is_entered_as_often_as_its_choice_leads_back() -> None:
    states = {
        "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Ask"},
        "Ask": task("Done?"),
        "Done?": {"Type": "Choice", "Choices": [{"Next": "End"}], "Default": "Wait"},
        "End": {"Type": "Succeed"},
    }
    assert entered(states, shares={"Wait": 0.75}).by_state == {"Wait": 4, "Ask": 4, "Done?": 4, "End": 1}


def test_a_loop_without_an_end_is_cut() -> None:
    found = entered({"A": task("B"), "B": task("A")})
    assert any("without an end" in words for words in found.assumed)


def test_a_map_runs_for_each_item_and_a_parallel_each_branch() -> None:
    states = {
        "Each": {"Type": "Map", "ItemProcessor": {"StartAt": "R", "States": {"R": task()}}, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "X", "States": {"X": task()}},
                {"StartAt": "Y", "States": {"Y": task()}},
            ],
            "End": True,
        },
    }
    found = entered(states, items=7)
    assert found.by_state["Each.R"] == 7
    assert found.by_state["Both.X"] == found.by_state["Both.Y"] == 1
    assert found.total == 11


def test_retries_enter_a_state_again_and_failures_come_to_fail_states() -> None:
    states = {
        "A": task(
            "C",
            Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
            Catch=[{"ErrorEquals": ["x"], "Next": "F"}],
        ),
        "C": {"Type": "Choice", "Choices": [{"Next": "F"}], "Default": "E"},
        "E": {"Type": "Succeed"},
        "F": {"Type": "Fail"},
    }
    found = entered(states, failing=0.1)
    assert found.by_state["A"] == 1.11
    assert found.by_state["F"] == 0.1


def test_a_chain_longer_than_any_loop_is_walked_to_its_end() -> None:
    states = {f"S{n}": task(f"S{n + 1}") for n in range(700)} | {"S700": task()}
    found = entered(states)
    assert found.by_state["S700"] == 1
    assert found.assumed == []


def test_a_definition_of_strangers_takes_no_long_time() -> None:
    names = [f"S{n}" for n in range(200)]
    states = {name: {"Type": "Choice", "Choices": [{"Next": other} for other in names]} for name in names}
    began = time.perf_counter()
    found = entered(states)
    assert time.perf_counter() - began < 5
    assert any("too large" in words for words in found.assumed)
