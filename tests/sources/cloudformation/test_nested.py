"""Templates nested in templates: what is passed, what comes back, and circles."""

from __future__ import annotations

import time

import pytest
from tests.sources.cloudformation.reading import complaints, reading, shown, stack

from stackworthy.core.plain import plain

CHILD = """\
Parameters:
  Name: {Type: String, Default: none}
Conditions:
  Named: !Not [!Equals [!Ref Name, none]]
Resources:
  Topic: {Type: AWS::SNS::Topic, Condition: Named, Properties: {TopicName: !Ref Name}}
Outputs:
  Arn: {Value: !Ref Topic}
  Given: {Value: !Sub "${Name}-x"}
"""


def test_a_nested_template_is_part_of_the_stack_and_takes_and_gives_values() -> None:
    found = reading(
        f"Resources:\n  Child: {stack('sub/child.yaml', Name='orders')}\n"
        "  Uses:\n    Type: Custom::It\n    Properties:\n      Arn: !GetAtt Child.Outputs.Arn\n"
        "      Given: !GetAtt Child.Outputs.Given\n      Gone: !GetAtt Child.Outputs.Gone\n      Own: !Ref Child\n",
        {"sub/child.yaml": CHILD},
    )
    assert found.diagnostics == []
    assert list(shown(found)) == ["Child", "Uses", "Child/Topic"]
    assert found.graph["Child/Topic"]["TopicName"] == "orders"
    assert found.graph["Child/Topic"].origin.file == "sub/child.yaml"
    assert found.graph["Child/Topic"].present
    assert shown(found)["Uses"] == {
        "Arn": {"$ref": ["Child/Topic", "Ref"]},
        "Given": "orders-x",
        "Gone": {"$unknown": "sub/child.yaml has no output named Gone"},
        "Own": {"$ref": ["Child", "Ref"]},
    }


def test_a_sam_application_in_a_local_file_is_a_nested_template() -> None:
    found = reading(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  App:\n    Type: AWS::Serverless::Application\n"
        "    Properties: {Location: ./child.yaml, Parameters: {Name: a}}\n",
        {"child.yaml": CHILD},
    )
    assert found.diagnostics == []
    assert found.graph["App/Topic"]["TopicName"] == "a"


def test_an_application_of_the_repository_is_not_looked_for_on_the_disk() -> None:
    found = reading(
        "Resources:\n  App:\n    Type: AWS::Serverless::Application\n    Properties:\n      Location: {ApplicationId: "
        "'arn:aws:serverlessrepo:us-east-1:123456789012:applications/a', SemanticVersion: 1.0.0}\n"
        "  Far: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://s3.amazonaws.com/b/t.yaml'}}\n"
        "  Put: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub 'https://${AWS::Region}/t.yaml'}}\n"
    )
    assert found.diagnostics == []
    assert len(found.graph) == 3


def test_siblings_pass_each_others_outputs_on_in_any_order() -> None:
    third = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "child.yaml"}}
    template = {
        "Resources": {
            "C": {
                **third,
                "Properties": {
                    **third["Properties"],
                    "Parameters": {"Name": {"Fn::GetAtt": "B.Outputs.Given"}},
                },
            },
            "B": {
                **third,
                "Properties": {
                    **third["Properties"],
                    "Parameters": {"Name": {"Fn::Sub": "${A.Outputs.Given}"}},
                },
            },
            "A": {**third, "Properties": {**third["Properties"], "Parameters": {"Name": "a"}}},
        }
    }
    found = reading(template, {"child.yaml": CHILD})
    assert found.diagnostics == []
    assert [found.graph[f"{name}/Topic"]["TopicName"] for name in "ABC"] == ["a", "a-x", "a-x-x"]
    assert found.graph["C/Topic"].when.holds is True


def test_a_long_chain_of_siblings_is_followed() -> None:
    resources = {
        f"S{index}": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": "child.yaml",
                "Parameters": {
                    "Name": {"Fn::GetAtt": [f"S{index + 1}", "Outputs.Arn"]} if index < 400 else "last"
                },
            },
        }
        for index in range(401)
    }
    started = time.process_time()
    found = reading({"Resources": resources}, {"child.yaml": CHILD})
    assert plain(found.graph["S0/Topic"]["TopicName"]) == {"$ref": ["S1/Topic", "Ref"]}
    assert time.process_time() - started < 5


def test_siblings_that_need_each_other_are_said_and_end() -> None:
    one, other = {"Fn::GetAtt": ["B", "Outputs.Given"]}, {"Fn::GetAtt": ["A", "Outputs.Given"]}
    found = reading(
        f"Resources:\n  A: {stack('child.yaml', Name=one)}\n  B: {stack('child.yaml', Name=other)}\n",
        {"child.yaml": CHILD},
    )
    assert complaints(found) == [("template.yaml", 2, "A and B refer to each other in a circle")]
    shown(found)


def test_what_is_nested_is_not_present_when_the_nested_stack_is_not() -> None:
    text = "Conditions: {Never: !Equals [a, b], Open: !Equals [!Ref 'AWS::Region', b]}\nResources:\n"
    body = stack("child.yaml", Name="x")[:-1]
    found = reading(
        text + f'  No: {body}, "Condition": "Never"}}\n  Perhaps: {body}, "Condition": "Open"}}\n',
        {"child.yaml": CHILD},
    )
    assert not found.graph["No/Topic"].present
    when = found.graph["Perhaps/Topic"].when
    assert (when.expression, when.holds) == ("Open", None)
    child = CHILD.replace("!Not [!Equals [!Ref Name, none]]", "!Equals [!Ref 'AWS::AccountId', none]")
    found = reading(text + f'  Perhaps: {body}, "Condition": "Open"}}\n', {"child.yaml": child})
    assert found.graph["Perhaps/Topic"].when.expression == "Open and Named"
    found = reading(text + f'  No: {body}, "Condition": "Never"}}\n', {"child.yaml": child})
    assert not found.graph["No/Topic"].present


def test_a_list_parameter_takes_joined_references_apart() -> None:
    child = """\
    Parameters: {Ids: {Type: CommaDelimitedList}, Both: {Type: List<String>}}
    Resources: {It: {Type: Custom::It, Properties: {First: !Select [0, !Ref Ids], All: !Ref Ids, Both: !Ref Both}}}
    """
    ids = {"Fn::Join": [",", [{"Ref": "One"}, {"Ref": "Two"}]]}
    both = [{"Ref": "One"}, "x"]
    found = reading(
        f"Resources:\n  One: {{Type: Custom::One}}\n  Two: {{Type: Custom::Two}}\n  C: {stack('c.yaml', Ids=ids, Both=both)}\n",
        {"c.yaml": child},
    )
    one, two = {"$ref": ["One", "Ref"]}, {"$ref": ["Two", "Ref"]}
    assert shown(found)["C/It"] == {"First": one, "All": [one, two], "Both": [one, "x"]}


@pytest.mark.parametrize(
    ("location", "files", "complaint"),
    [
        ("gone.yaml", {}, ("template.yaml", 2, "nested template gone.yaml does not exist")),
        ("bad.yaml", {"bad.yaml": "A: [\n"}, ("bad.yaml", 2, "not valid YAML")),
        ("template.yaml", {}, ("template.yaml", 2, "nested template template.yaml contains itself")),
        ("list.yaml", {"list.yaml": "- a\n"}, ("list.yaml", 0, "is not a template: it holds no map")),
        ("empty.yaml", {"empty.yaml": ""}, ("empty.yaml", 0, "is empty")),
    ],
)
def test_a_nested_template_that_cannot_be_read_is_said_once(location, files, complaint) -> None:
    found = reading(f"Resources:\n  Child: {stack(location)}\n  Own: {{Type: Custom::Own}}\n", files)
    assert "Own" in shown(found)
    ((file, line, message),) = complaints(found)
    assert (file, line) == complaint[:2]
    assert message.startswith(complaint[2])


def test_templates_that_nest_each_other_are_said_where_the_circle_closes() -> None:
    found = reading(
        f"Resources:\n  B: {stack('b.yaml')}\n",
        {"b.yaml": f"Resources:\n  T: {{Type: Custom::T}}\n  A: {stack('template.yaml')}\n"},
    )
    assert complaints(found) == [("b.yaml", 3, "nested template template.yaml contains itself")]
    assert "B/T" in shown(found)


def test_templates_that_are_nested_without_end_are_stopped() -> None:
    files = {
        f"t{level}.yaml": "Resources:\n"
        + "".join(f"  S{index}: {stack(f't{level + 1}.yaml')}\n" for index in range(8))
        for level in range(30)
    }
    started = time.process_time()
    found = reading(f"Resources:\n  S: {stack('t0.yaml')}\n", files)
    assert time.process_time() - started < 20
    assert len(found.graph) <= 20_000
    assert {message.split(" ", 2)[2] for _, _, message in complaints(found)} <= {
        "makes more than 20,000 resources",
        "nested deeper than 10 levels",
    }
    assert len(found.diagnostics) <= 9


def test_two_uses_of_one_template_are_two_sets_of_resources() -> None:
    found = reading(
        f"Resources:\n  A: {stack('child.yaml', Name='a')}\n  B: {stack('child.yaml', Name='b')}\n",
        {"child.yaml": CHILD},
    )
    assert [found.graph[f"{name}/Topic"]["TopicName"] for name in "AB"] == ["a", "b"]


def test_outputs_of_a_nested_sam_template_may_name_what_sam_made() -> None:
    found = reading(
        f"Resources:\n  App: {stack('app.yaml')}\n  Uses: {{Type: 'Custom::It', Properties: "
        "{Role: !GetAtt App.Outputs.Role, Url: !GetAtt App.Outputs.Url}}\n",
        {
            "app.yaml": """\
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Runtime: python3.12
                  Handler: a.b
                  InlineCode: x
                  Events: {Get: {Type: Api, Properties: {Path: /, Method: get}}}
            Outputs:
              Role: {Value: !GetAtt FnRole.Arn}
              Url: {Value: !Sub "https://${ServerlessRestApi}/Prod"}
            """
        },
    )
    assert found.diagnostics == []
    assert shown(found)["Uses"] == {
        "Role": {"$ref": ["App/FnRole", "Arn"]},
        "Url": {"$partial": ["https://", {"$ref": ["App/ServerlessRestApi", "Ref"]}, "/Prod"]},
    }
