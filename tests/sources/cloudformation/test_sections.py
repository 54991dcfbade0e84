"""`AWS::Include` from the disk, wherever a template may name it."""

from __future__ import annotations

import pytest
from tests.sources.cloudformation.reading import complaints, reading, shown

from stackworthy.core.plain import plain

TOPIC = "Topic:\n  Type: AWS::SNS::Topic\n  Properties:\n    DisplayName: !Ref Stage\n"


def test_resources_are_included_and_keep_their_own_place() -> None:
    found = reading(
        """
        Parameters: {Stage: {Type: String, Default: dev}, Folder: {Type: String, Default: parts}}
        Resources:
          Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Sub "${Folder}/topic.yaml"}}
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Topic.TopicName}}
        """,
        {"parts/topic.yaml": TOPIC},
    )
    assert found.diagnostics == []
    assert shown(found) == {
        "Topic": {"DisplayName": "dev"},
        "Queue": {"QueueName": {"$ref": ["Topic", "TopicName"]}},
    }
    topic = found.graph["Topic"]
    assert (topic.origin.file, found.locator.line(topic.origin)) == ("parts/topic.yaml", 1)
    place = topic.properties.origin("DisplayName")
    assert (place.file, found.locator.line(place)) == ("parts/topic.yaml", 4)


def test_several_files_are_included_one_after_the_other() -> None:
    found = reading(
        """
        Resources:
          Fn::Transform:
            - {Name: AWS::Include, Parameters: {Location: one.json}}
            - {Name: AWS::Include, Parameters: {Location: two.yaml}}
        """,
        {"one.json": '{"One": {"Type": "AWS::SNS::Topic"}}', "two.yaml": "Two: {Type: AWS::SNS::Topic}\n"},
    )
    assert list(shown(found)) == ["One", "Two"]


def test_an_included_file_may_hold_loops_and_includes() -> None:
    found = reading(
        "Resources: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: a/one.yaml}}}",
        {
            "a/one.yaml": """\
            Fn::ForEach::Q: [N, [x], {"Q${N}": {Type: AWS::SQS::Queue}}]
            Fn::Transform: {Name: AWS::Include, Parameters: {Location: two.yaml}}
            """,
            "two.yaml": "Two: {Type: AWS::SNS::Topic}\n",
        },
    )
    assert list(shown(found)) == ["Qx", "Two"]
    assert found.graph["Qx"].origin.file == "a/one.yaml"


def test_a_template_may_be_completed_by_a_file() -> None:
    found = reading(
        """
        Transform: {Name: AWS::Include, Parameters: {Location: common.yaml}}
        Resources:
          Own: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Stage}}
          Both: {Type: AWS::SNS::Topic, Properties: {DisplayName: own}}
        """,
        {
            "common.yaml": """\
            Parameters:
              Stage: {Type: String, Default: dev}
            Resources:
              Both: {Type: AWS::SNS::Topic, Properties: {DisplayName: theirs}}
              Theirs: {Type: AWS::SQS::Queue}
            Conditions: {Never: !Equals [a, b]}
            """
        },
    )
    assert found.diagnostics == []
    assert shown(found) == {"Both": {"DisplayName": "own"}, "Theirs": {}, "Own": {"DisplayName": "dev"}}
    assert found.graph["Theirs"].origin.file == "common.yaml"
    (step,) = found.graph["Own"].properties.trail("DisplayName")
    assert (step.origin.file, found.locator.line(step.origin)) == ("common.yaml", 2)


def test_a_template_may_name_several_transforms() -> None:
    found = reading(
        """
        Transform:
          - AWS::LanguageExtensions
          - {Name: AWS::Include, Parameters: {Location: r.yaml}}
        Resources: {Own: {Type: AWS::SNS::Topic}}
        """,
        {"r.yaml": "Resources: {R: {Type: AWS::SNS::Topic}}\n"},
    )
    assert list(shown(found)) == ["R", "Own"]


def test_properties_are_included() -> None:
    found = reading(
        """
        Resources:
          It:
            Type: Custom::It
            Properties:
              Own: 1
              Fn::Transform: {Name: AWS::Include, Parameters: {Location: some.yaml}}
              Deep: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: deep.json}}}
          Whole:
            Type: Custom::It
            Properties: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: some.yaml}}}
        """,
        {"some.yaml": "Given: !Ref It\n", "deep.json": '[{"Fn::Sub": "${It}-x"}]'},
    )
    assert shown(found) == {
        "It": {
            "Own": 1,
            "Given": {"$ref": ["It", "Ref"]},
            "Deep": [{"$partial": [{"$ref": ["It", "Ref"]}, "-x"]}],
        },
        "Whole": {"Given": {"$ref": ["It", "Ref"]}},
    }


def test_what_lies_in_a_bucket_is_known_at_deployment() -> None:
    found = reading(
        "Resources: {It: {Type: Custom::It, Properties: {A: {Fn::Transform: "
        "{Name: AWS::Include, Parameters: {Location: 's3://bucket/part.yaml'}}}}}}"
    )
    assert plain(found.graph["It"]["A"]) == {"$unknown": "s3://bucket/part.yaml is included at deployment"}
    assert found.diagnostics == []


@pytest.mark.parametrize(
    ("location", "content", "complaint"),
    [
        ("gone.yaml", None, ("template.yaml", 3, "AWS::Include: gone.yaml does not exist")),
        ("bad.yaml", "A: [1\n", ("bad.yaml", 2, "not valid YAML")),
        ("bad.json", "{\n\n x", ("bad.json", 3, "not valid JSON")),
    ],
)
def test_a_file_that_cannot_be_included_is_said_once(location, content, complaint) -> None:
    include = f"{{Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}}}"
    text = f"Resources:\n  It: {{Type: Custom::It, Properties:\n    {{A: {include}, B: {include}}}}}\n"
    found = reading(text, {location: content} if content else {})
    shown(found)
    ((file, line, message),) = complaints(found)
    assert (file, line) == complaint[:2]
    assert complaint[2] in message


def test_a_file_that_includes_itself_ends() -> None:
    found = reading(
        "Resources: {It: {Type: Custom::It, Properties: {A: {Fn::Transform: "
        "{Name: AWS::Include, Parameters: {Location: loop.yaml}}}}}}",
        {"loop.yaml": "X: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: loop.yaml}}}\nY: 1\n"},
    )
    assert plain(found.graph["It"]["A"]) == {"X": {"$unknown": "loop.yaml includes itself"}, "Y": 1}
    circle = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: loop.yaml}}\nT: {Type: Custom::T}\n"
    found = reading(f"Resources:\n  {circle.splitlines()[0]}\n", {"loop.yaml": circle})
    assert list(shown(found)) == ["T"]
    assert "includes itself" in complaints(found)[0][2]
    assert len(complaints(found)) == 1


def test_an_include_among_resources_that_is_not_known_is_said() -> None:
    found = reading(
        "Parameters: {Where: {Type: String}}\nResources:\n"
        "  Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Ref Where}}\n"
        "  Own: {Type: Custom::Own}\n"
    )
    assert list(shown(found)) == ["Own"]
    assert complaints(found) == [
        ("template.yaml", 3, "what AWS::Include puts here is known only at deployment")
    ]


def test_a_macro_among_resources_is_said() -> None:
    found = reading("Resources:\n  Fn::Transform: {Name: Mine}\n  Own: {Type: Custom::Own}\n")
    assert complaints(found) == [("template.yaml", 2, "what Mine puts here is known only at deployment")]


def test_routes_of_an_api_are_found_in_the_file_and_the_loop_that_state_them() -> None:
    api = "{Type: AWS::ApiGateway::RestApi, Properties: {Body: {paths: {/a: {get: {}}}}}}"
    found = reading(
        f"""\
        Resources:
          Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: api.yaml}}}}
          Fn::ForEach::Apis:
            - Name
            - [One]
            - Api${{Name}}: {api}
        """,
        {"api.yaml": f"\n\nIncluded: {api}\n"},
    )
    places = {
        resource.address: (resource.origin.file, found.locator.line(resource.origin))
        for resource in found.graph
        if resource.kind == "AWS::ApiGateway::Method"
    }
    assert sorted(places.values()) == [("api.yaml", 3), ("template.yaml", 6)]
