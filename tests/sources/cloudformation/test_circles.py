"""Resources that refer to each other in a circle."""

from __future__ import annotations

import time

import pytest
from tests.sources.cloudformation.reading import complaints, reading


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (
            "{A: {Type: 'Custom::A', Properties: {X: !Ref B}}, B: {Type: 'Custom::B', DependsOn: A}}",
            ["A and B refer to each other in a circle"],
        ),
        ("{A: {Type: 'Custom::A', Properties: {X: !GetAtt A.Y}}}", ["A refers to itself"]),
        ("{A: {Type: 'Custom::A', Properties: {X: !Sub '${B.C}'}}, B: {Type: 'Custom::B'}}", []),
        ("{A: {Type: 'Custom::A', Properties: {X: !Sub ['${A}', {A: 1}]}}}", []),
        ("{A: {Type: 'Custom::A', Properties: {X: !Sub '${!A}'}}}", []),
        ("{A: {Type: 'Custom::A', Properties: {X: !If [Never, !Ref A, 1]}}}", []),
        ("{A: {Type: 'Custom::A', Condition: Never, Properties: {X: !Ref A}}}", []),
        (
            "{A: {Type: 'Custom::A', DependsOn: [B]}, B: {Type: 'Custom::B', DependsOn: [C, D]}, "
            "C: {Type: 'Custom::C', DependsOn: A}, D: {Type: 'Custom::D'}, E: {Type: 'Custom::E', DependsOn: E}}",
            ["A, B and C refer to each other in a circle", "E refers to itself"],
        ),
    ],
)
def test_resources_that_need_each_other_are_said_once(resources, said) -> None:
    found = reading(f"Conditions: {{Never: !Equals [a, b]}}\nResources:\n  {resources}\n")
    assert [message for _, _, message in complaints(found)] == said


def test_a_long_chain_of_resources_is_no_circle_and_takes_a_moment() -> None:
    resources = {f"R{index}": {"Type": "Custom::R", "DependsOn": f"R{index + 1}"} for index in range(9_999)}
    started = time.process_time()
    assert reading({"Resources": {**resources, "R9999": {"Type": "Custom::R"}}}).diagnostics == []
    found = reading({"Resources": {**resources, "R9999": {"Type": "Custom::R", "DependsOn": "R0"}}})
    assert len(found.diagnostics) == 1
    assert len(found.diagnostics[0].message) < 200
    assert time.process_time() - started < 8
