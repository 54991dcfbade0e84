"""From templates to the graph: nested stacks, circles, odd resources, local definitions, links to code."""

from __future__ import annotations

import json
import time

import pytest
from tests.sources.cloudformation.reading import complaints, reading, shown

from stackworthy.core.plain import plain
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.text import Malformed

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


def stack(location: str, **parameters: object) -> str:
    return json.dumps(
        {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": location, "Parameters": parameters},
        }
    )


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


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ("template.yaml", 0, "is empty")),
        ("- a\n", ("template.yaml", 0, "is not a template: it holds no map")),
        ("text\n", ("template.yaml", 0, "is not a template: it holds no map")),
        ("A: 1\n", ("template.yaml", 0, "the template has no Resources")),
        ("A: 1\nResources:\n", ("template.yaml", 2, "Resources is empty")),
        ("A: 1\nResources: []\n", ("template.yaml", 2, "Resources is empty")),
        ("A: 1\nResources: {}\n", ("template.yaml", 2, "Resources is empty")),
        (
            "A: 1\nResources: [a]\n",
            ("template.yaml", 2, "Resources must be a map of logical ids to resources"),
        ),
        (
            "A: 1\nResources: text\n",
            ("template.yaml", 2, "Resources must be a map of logical ids to resources"),
        ),
        ("Resources:\n  A: [x]\n", ("template.yaml", 2, "resource A must be a map")),
        ("Resources:\n  A:\n", ("template.yaml", 2, "resource A must be a map")),
        ("Resources:\n  A: {Properties: {}}\n", ("template.yaml", 2, "resource A has no Type")),
        ("Resources:\n  A: {Type: 12}\n", ("template.yaml", 2, "the Type of resource A must be a text")),
        (
            "Resources:\n  A: {Type: [AWS::S3::Bucket]}\n",
            ("template.yaml", 2, "the Type of resource A must be a text"),
        ),
        ("Resources:\n  Fn::If: [a, b, c]\n", ("template.yaml", 2, "Resources cannot hold Fn::If")),
        (
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: [a]\n",
            ("template.yaml", 4, "the Properties of A must be a map"),
        ),
        ("Parameters:\nResources: {A: {Type: 'Custom::A'}}\n", ("template.yaml", 1, "Parameters is empty")),
        ("Resources: {A: {Type: 'Custom::A'}}\nMappings: []\n", ("template.yaml", 2, "Mappings is empty")),
        (
            "Resources: {A: {Type: 'Custom::A'}}\nConditions: [a]\n",
            ("template.yaml", 2, "Conditions must be a map"),
        ),
        (
            "Resources: {A: {Type: 'Custom::A'}}\nOutputs: text\n",
            ("template.yaml", 2, "Outputs must be a map"),
        ),
        (
            "Transform: Mine\nResources: {A: {Type: 'Custom::A'}}\n",
            ("template.yaml", 1, "the macro Mine may change the template at deployment"),
        ),
        (
            "Resources:\n  A: {Type: 'Custom::A'}\n  A: {Type: 'Custom::B'}\n",
            ("template.yaml", 3, "A is stated twice; the last one counts"),
        ),
    ],
)
def test_an_odd_template_is_said_once_with_its_line_and_what_to_do(text, complaint) -> None:
    found = reading(text)
    assert complaints(found) == [complaint]
    assert found.diagnostics[0].hint


def test_what_is_odd_does_not_keep_the_rest_from_being_read() -> None:
    found = reading(
        "Resources:\n  A: [x]\n  B: {Type: 'AWS::SQS::Queue', Properties: text}\n  C: {Type: 'AWS::SQS::Queue'}\n"
    )
    assert list(shown(found)) == ["B", "C"]
    assert len(found.diagnostics) == 2


def test_macros_of_aws_are_no_strangers() -> None:
    transforms = [
        "AWS::Serverless-2016-10-31",
        "AWS::LanguageExtensions",
        "AWS::SecretsManager-2024-09-16",
        "AWS::CodeDeployBlueGreen",
    ]
    assert reading({"Transform": transforms, "Resources": {"A": {"Type": "Custom::A"}}}).diagnostics == []


def test_a_template_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Malformed):
        reading("Resources: [\n")
    from tests.support.templates import Files

    from stackworthy.config import Settings
    from stackworthy.sources.cloudformation.reader import read
    from stackworthy.sources.stack import StackRef

    with pytest.raises(Unreadable):
        read(Files({}), StackRef("cloudformation", "gone.yaml"), Settings())


@pytest.mark.parametrize(
    "kind", ["AWS::S3::Bucket", "Custom::Anything", "AWS::CloudFormation::CustomResource"]
)
def test_a_kind_that_the_registry_knows_is_named(kind) -> None:
    resource = reading({"Resources": {"A": {"Type": kind}}}).graph["A"]
    assert (resource.kind, resource.type) == (kind, kind)


def test_a_type_that_nobody_knows_has_no_kind() -> None:
    resource = reading({"Resources": {"A": {"Type": "My::Own::Thing", "Properties": {"A": 1}}}}).graph["A"]
    assert (resource.kind, resource.type) == (None, "My::Own::Thing")
    assert resource["A"] == 1


def test_what_sam_refuses_is_said_with_the_property_that_it_means() -> None:
    found = reading(
        """\
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: prod
              Cors: [a]
          Queue: {Type: AWS::SQS::Queue}
        """
    )
    ((_, line, message),) = complaints(found)
    assert line == 7
    assert message.startswith("Api.Cors: ")
    assert "Queue" in shown(found)


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


DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'


@pytest.mark.parametrize(
    ("kind", "property", "reads"),
    [
        ("AWS::Serverless::StateMachine", "DefinitionUri", "DefinitionString"),
        ("AWS::StepFunctions::StateMachine", "DefinitionS3Location", "Definition"),
    ],
)
def test_a_definition_in_a_file_of_its_own_is_read(kind, property, reads) -> None:
    found = reading(
        {
            "Resources": {
                "M": {
                    "Type": kind,
                    "Properties": {property: "machines/m.asl.json", "Role": "arn:aws:iam::1:role/r"},
                }
            }
        },
        {"machines/m.asl.json": DEFINITION},
        file="t.json",
    )
    assert found.diagnostics == []
    assert "Succeed" in json.dumps(plain(found.graph["M"][reads]))


def test_an_included_api_definition_is_there_before_sam_looks() -> None:
    found = reading(
        """\
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: prod
              Auth: {DefaultAuthorizer: AWS_IAM}
              DefinitionBody:
                Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}
        """,
        {"api.yaml": "openapi: 3.0.1\npaths: {/a: {get: {x-amazon-apigateway-integration: {type: mock}}}}\n"},
    )
    assert found.diagnostics == []
    assert "/a" in plain(found.graph["Api"]["Body"])["paths"]


@pytest.mark.parametrize(
    ("location", "files", "said"),
    [
        ("gone.json", {}, [("template.yaml", 4, "DefinitionUri gone.json does not exist")]),
        (
            "bad.json",
            {"bad.json": "{\n\n,"},
            [("bad.json", 3, "not valid JSON: object keys must be strings")],
        ),
        ("list.json", {"list.json": "[1]"}, [("template.yaml", 4, "DefinitionUri list.json holds no map")]),
        ("s3://bucket/key", {}, []),
        ("{Bucket: b, Key: k}", {}, []),
    ],
)
def test_a_definition_that_cannot_be_read_is_said_and_unknown(location, files, said) -> None:
    found = reading(
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n"
        f"    Properties: {{DefinitionUri: {location}, Role: 'arn:aws:iam::1:role/r'}}\n  Q: {{Type: AWS::SQS::Queue}}\n",
        files,
    )
    assert [item for item in complaints(found) if not item[2].startswith("M.")] == said
    assert "Q" in shown(found)


CODE = {"src/app.py": "", "src/nested/x.py": "", "layer/python/y.py": "", "image/Dockerfile": "", "fn.js": ""}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: ./src/}}", "src"),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: !Ref Where}}", "src/nested"),
        ("{Type: AWS::Serverless::Function}", "src"),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: s3://bucket/key}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: {Bucket: b, Key: k}}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: ../../outside}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: /etc}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: gone}}", None),
        (
            "{Type: AWS::Serverless::Function, Properties: {PackageType: Image}, Metadata: {DockerContext: ./image}}",
            "image",
        ),
        ("{Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}", "layer"),
        ("{Type: AWS::Lambda::Function, Properties: {Code: src, Role: r}}", "src"),
        ("{Type: AWS::Lambda::Function, Properties: {Code: fn.js, Role: r}}", "fn.js"),
        ("{Type: AWS::Lambda::Function, Properties: {Code: {S3Bucket: b, S3Key: k}, Role: r}}", None),
        ("{Type: AWS::Lambda::LayerVersion, Properties: {Content: layer}}", "layer"),
        ("{Type: AWS::SQS::Queue, Properties: {Code: src}}", None),
    ],
)
def test_a_resource_is_linked_to_the_code_that_it_runs(body, code) -> None:
    found = reading(
        "Parameters: {Where: {Type: String, Default: src/nested}}\n"
        f"Globals: {{Function: {{Runtime: python3.12, Handler: a.b, CodeUri: src}}}}\nResources:\n  A: {body}\n",
        CODE,
    )
    resource = found.graph.get("A") or next(iter(found.graph))
    assert resource.code == code


def test_code_is_found_beside_the_template_that_names_it() -> None:
    found = reading(
        f"Resources:\n  App: {stack('apps/one/template.yaml')}\n",
        {
            "apps/one/template.yaml": "Resources: {Fn: {Type: AWS::Lambda::Function, Properties: {Code: ./code, Role: r}}}",
            "apps/one/code/a.py": "",
        },
    )
    assert found.graph["App/Fn"].code == "apps/one/code"


def test_ten_thousand_resources_are_read_in_a_moment() -> None:
    resources = {
        f"Queue{index}": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Fn::Sub": f"q-${{AWS::Region}}-{index}"}},
        }
        for index in range(10_000)
    }
    started = time.process_time()
    found = reading({"Resources": resources}, file="t.json")
    assert len(found.graph) == 10_000
    shown(found)
    assert time.process_time() - started < 8
