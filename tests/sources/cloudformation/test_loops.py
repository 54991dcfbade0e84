"""`Fn::ForEach` in every place that may hold it."""

from __future__ import annotations

import time

import pytest
from tests.sources.cloudformation.reading import complaints, reading, shown


def test_a_loop_makes_a_resource_for_each_item() -> None:
    found = reading(
        """
        Transform: AWS::LanguageExtensions
        Parameters: {Names: {Type: CommaDelimitedList, Default: "one,two"}}
        Resources:
          Fn::ForEach::Topics:
            - Name
            - !Ref Names
            - Topic${Name}:
                Type: AWS::SNS::Topic
                Properties:
                  TopicName: !Sub "t-${Name}-${AWS::Region}"
                  DisplayName: !Ref Name
                  Tags: [{Key: "${Name}", Value: !GetAtt "Queue${Name}.Arn"}]
          Queueone: {Type: AWS::SQS::Queue}
          Queuetwo: {Type: AWS::SQS::Queue}
          After: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt Topicone.TopicName}}
        """
    )
    assert found.diagnostics == []
    assert list(shown(found)) == ["Topicone", "Topictwo", "Queueone", "Queuetwo", "After"]
    assert shown(found)["Topictwo"] == {
        "TopicName": {"$partial": ["t-two-", {"$unknown": "the Region is known at deployment"}]},
        "DisplayName": "two",
        "Tags": [{"Key": "two", "Value": {"$ref": ["Queuetwo", "Arn"]}}],
    }
    assert shown(found)["After"] == {"DisplayName": {"$ref": ["Topicone", "TopicName"]}}


def test_loops_may_run_in_loops() -> None:
    found = reading(
        """
        Resources:
          Fn::ForEach::Outer:
            - A
            - [x, y]
            - Fn::ForEach::Inner:
                - B
                - ["1", "2"]
                - Queue${A}${B}: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${A}-${B}"}}
              Topic${A}: {Type: AWS::SNS::Topic}
        """
    )
    assert list(shown(found)) == ["Queuex1", "Queuex2", "Topicx", "Queuey1", "Queuey2", "Topicy"]
    assert shown(found)["Queuey1"] == {"QueueName": "y-1"}


def test_an_ampersand_takes_what_no_logical_id_may_hold_out_of_an_item() -> None:
    found = reading(
        """
        Resources:
          Fn::ForEach::Zones:
            - Zone
            - [us-east-1a]
            - Subnet&{Zone}: {Type: AWS::EC2::Subnet, Properties: {AvailabilityZone: !Ref Zone}}
        """
    )
    assert shown(found) == {"Subnetuseast1a": {"AvailabilityZone": "us-east-1a"}}


def test_a_loop_among_properties_makes_properties() -> None:
    found = reading(
        """
        Resources:
          Queue:
            Type: Custom::It
            Properties:
              Own: 1
              Fn::ForEach::Flags:
                - Flag
                - [A, B]
                - "Is${Flag}": !Sub "${Flag}!"
              Deep:
                Fn::ForEach::Keys: [K, [x], {"${K}": !Ref K}]
        """
    )
    resource = found.graph["Queue"]
    assert shown(found) == {"Queue": {"Own": 1, "IsA": "A!", "IsB": "B!", "Deep": {"x": "x"}}}
    assert resource["IsB"] == "B!"
    assert resource.stated("Deep.x") == "x"


def test_a_loop_among_properties_over_what_is_not_known_leaves_them_open() -> None:
    from stackworthy.core.value import Unknown

    found = reading(
        """
        Parameters: {Names: {Type: CommaDelimitedList}}
        Resources:
          It: {Type: Custom::It, Properties: {Own: 1, Fn::ForEach::X: [N, !Ref Names, {"A${N}": 1}]}}
        """
    )
    assert found.graph["It"]["Own"] == 1
    assert isinstance(found.graph["It"].stated("Aone"), Unknown)
    assert list(found.graph["It"].all_properties()) == ["Own"]


def test_loops_make_conditions_and_outputs() -> None:
    found = reading(
        """
        Conditions:
          Fn::ForEach::C: [S, [dev, prod], {"Is${S}": !Equals [!Ref "S", dev]}]
        Resources:
          Dev: {Type: AWS::SNS::Topic, Condition: Isdev}
          Prod: {Type: AWS::SNS::Topic, Condition: Isprod}
          Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
          Uses: {Type: Custom::It, Properties: {Name: !GetAtt Nested.Outputs.Nametwo}}
        """,
        {
            "child.yaml": """
            Resources: {T: {Type: AWS::SNS::Topic}}
            Outputs:
              Fn::ForEach::O: [N, [one, two], {"Name${N}": {Value: !Sub "n-${N}"}}]
            """
        },
    )
    assert found.diagnostics == []
    assert found.graph["Dev"].present
    assert not found.graph["Prod"].present
    assert found.graph["Uses"]["Name"] == "n-two"


def test_resources_of_one_loop_have_one_place() -> None:
    found = reading(
        """\
        Resources:
          Fn::ForEach::Queues:
            - Name
            - [One, Two]
            - Queue${Name}:
                Type: AWS::SQS::Queue
                Properties:
                  DelaySeconds: 5
        """
    )
    one, two = found.graph["QueueOne"], found.graph["QueueTwo"]
    assert one.origin == two.origin
    assert found.locator.line(one.origin) == 5
    assert found.locator.line(two.properties.origin("DelaySeconds")) == 8
    assert found.locator.region(one.origin) == (5, 8)


@pytest.mark.parametrize(
    ("loop", "message"),
    [
        (
            "[N, !Ref Open, {'A${N}': {Type: 'Custom::A'}}]",
            "Fn::ForEach::X runs over a collection that is not known",
        ),
        (
            "[N, text, {'A${N}': {Type: 'Custom::A'}}]",
            "Fn::ForEach::X runs over a collection that is not known",
        ),
        ("[N, [a]]", "Fn::ForEach::X needs an identifier, a collection and a map"),
        ("[[N], [a], {}]", "Fn::ForEach::X needs an identifier, a collection and a map"),
        ("[N, [a], [b]]", "Fn::ForEach::X needs an identifier, a collection and a map"),
        ("text", "Fn::ForEach::X needs an identifier, a collection and a map"),
        ("[N, [a], {'A${N}': {NoType: 1}}]", "resource Aa has no Type"),
        ("[N, [a, a], {'A${N}': {Type: 'Custom::A'}}]", "Aa is made twice; the last one counts"),
    ],
)
def test_a_loop_that_cannot_be_run_is_said_and_the_rest_is_read(loop, message) -> None:
    found = reading(
        f"Parameters: {{Open: {{Type: CommaDelimitedList}}}}\nResources:\n  Fn::ForEach::X: {loop}\n"
        "  Other: {Type: 'Custom::Other'}\n"
    )
    assert "Other" in shown(found)
    assert complaints(found) == [("template.yaml", 3, message)]


THOUSAND = "[" + ", ".join(f"n{index}" for index in range(1000)) + "]"


@pytest.mark.parametrize(
    "body",
    [
        f"[A, {THOUSAND}, {{'Fn::ForEach::Y': [B, {THOUSAND}, {{'Q${{A}}${{B}}': {{Type: 'AWS::SQS::Queue'}}}}]}}]",
        f"[A, {THOUSAND}, {{'Fn::ForEach::Y': [B, {THOUSAND}, {{'Fn::ForEach::Z': [C, [], {{}}]}}]}}]",
        f"[A, {THOUSAND}, {{'Q${{A}}': {{Type: 'AWS::SQS::Queue', Properties: {{Tags: {THOUSAND}}}}}}}]",
        f"[A, {THOUSAND}, {{'Fn::ForEach::Y': [B, {THOUSAND}, {{}}]}}]",
    ],
    ids=["made", "empty", "large", "nothing"],
)
def test_a_loop_that_explodes_is_stopped_at_once(body) -> None:
    started = time.process_time()
    found = reading(f"Resources:\n  Fn::ForEach::X: {body}\n  Other: {{Type: 'Custom::Other'}}\n")
    assert time.process_time() - started < 5
    assert len(found.diagnostics) == 1
    assert "more than" in found.diagnostics[0].message
    assert list(shown(found)) == ["Other"]


def test_a_loop_that_explodes_among_properties_leaves_them_unknown() -> None:
    from stackworthy.core.value import Unknown

    inner = f"{{'Fn::ForEach::Y': [B, {THOUSAND}, {{'Q${{A}}${{B}}': 1}}]}}"
    started = time.process_time()
    found = reading(
        f"Resources: {{X: {{Type: Custom::X, Properties: {{'Fn::ForEach::X': [A, {THOUSAND}, {inner}]}}}}}}"
    )
    assert isinstance(found.graph["X"].stated("Qn1n1"), Unknown)
    assert time.process_time() - started < 5
