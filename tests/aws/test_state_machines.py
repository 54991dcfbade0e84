"""The states of a state machine, whatever their nesting."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_with

from stackworthy.aws.state_machines import State, argument, states
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    show,
)

WHY = Unknown("why")


def machine(**properties: Value) -> Resource:
    return graph_with({"M": ("AWS::StepFunctions::StateMachine", properties)})["M"]


def state(**body: Value) -> State:
    return State(machine(), "S", Map(body), "Definition.States.S")


def test_states_inside_maps_and_branches_are_found_with_what_is_around_them() -> None:
    inner = Map(States=Map(Deep=Map(Type="Task")))
    outer = Map(
        States=Map(
            Each=Map(Type="Map", MaxConcurrency=4, ItemProcessor=inner),
            Old=Map(Type="Map", Iterator=inner),
            Both=Map(Type="Parallel", Branches=List([inner, inner])),
        )
    )
    found = {item.path: item for item in states(machine(Definition=outer))}
    assert [item.name for item in found.values()] == [
        "Each", "Each.Deep", "Old", "Old.Deep", "Both", "Both.Deep", "Both.Deep",
    ]  # fmt: skip
    deep = found["Definition.States.Each.ItemProcessor.States.Deep"]
    assert deep.concurrency == 4
    assert found["Definition.States.Both.Branches[1].States.Deep"].concurrency is ABSENT
    assert deep.machine["Definition.States.Each.ItemProcessor.States.Deep.Type"] == "Task"


def test_states_of_a_text_stand_at_the_text() -> None:
    (item,) = states(machine(DefinitionString='{"States": {"A": {"Type": "Pass"}}}'))
    assert (item.name, item.path, item.type) == ("A", "DefinitionString", "Pass")


@pytest.mark.parametrize(
    "properties",
    [
        {"Definition": WHY},
        {"DefinitionString": "{"},
        {"DefinitionString": Reference("B")},
        {"DefinitionS3Location": Map(Bucket="b")},
        {},
        {"Definition": Map(States=WHY)},
        {"Definition": Map(States=Map(A=WHY))},
        {"Definition": Map(States=OpenMap([], WHY))},
        {"Definition": Map(States=Map(A=Map(Branches=OpenList([], WHY))))},
        {"Definition": Map(States=Map(A=Map(ItemProcessor=7)))},
    ],
)
def test_what_is_not_known_leaves_the_list_open(properties: dict[str, Value]) -> None:
    assert isinstance(states(machine(**properties)), OpenList)


def test_states_nested_in_each_other_without_end_are_cut() -> None:
    text = '{"States": {"A": {"ItemProcessor": ' * 60 + "{}" + "}}}" * 60
    assert isinstance(states(machine(DefinitionString=text)), OpenList)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:states:::lambda:invoke", ("lambda", "invoke", "")),
        ("arn:aws:states:::states:startExecution.sync:2", ("states", "startExecution", "sync")),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", ("sqs", "sendMessage", "waitForTaskToken")),
        ("arn:aws:states:::aws-sdk:dynamodb:query", ("dynamodb", "query", "")),
        (Partial(("arn:", Unknown("p", "AWS::Partition"), ":states:::sns:publish")), ("sns", "publish", "")),
        ("arn:aws:states:eu-west-1:1:activity:work", None),
        ("arn:aws:lambda:eu-west-1:1:function:f", None),
        (Reference("Fn", "Arn"), None),
        (ABSENT, None),
        (WHY, None),
    ],
)
def test_the_integration_of_a_task_is_read_from_its_resource(
    resource: Value, expected: tuple[str, ...] | None
) -> None:
    found = state(Resource=resource).integration
    assert (found and (found.service, found.action, found.pattern)) == expected


def test_an_argument_may_be_given_at_run_time() -> None:
    assert argument(Map(Name="n"), "Name") == "n"
    assert argument(Map(), "Name") is ABSENT
    assert isinstance(argument(Map({"Name.$": "$.n"}), "Name"), Unknown)
    assert isinstance(argument(Map(Name="{% $n %}"), "Name"), Unknown)
    assert isinstance(argument(OpenMap([], WHY), "Name"), Unknown)
    assert argument(WHY, "Name") is WHY
    assert argument("text", "Name") is ABSENT


def test_arguments_are_those_of_either_query_language() -> None:
    assert show(state(Parameters=Map(a=1)).arguments) == "{a: 1}"
    assert show(state(Arguments=Map(b=2)).arguments) == "{b: 2}"
