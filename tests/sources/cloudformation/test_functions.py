"""What intrinsic functions come to: known, a reference, partial or unknown."""

from __future__ import annotations

import json

import pytest
from tests.sources.cloudformation.reading import custom, reading

from stackworthy.core.plain import plain
from stackworthy.core.value import Map, NotKnown, OpenList, Partial, Reference, Unknown, is_stated

SECTIONS = """
Parameters:
  Stage: {Type: String, Default: dev}
  Count: {Type: Number, Default: 3}
  Open: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings:
  Sizes:
    dev: {Memory: 128, Names: [x, y], 1: one}
    prod: {Memory: 1024}
  Regions:
    us-east-1: {Ami: ami-1}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Equals [!Ref Stage, prod]
  IsOpen: !Equals [!Ref Open, yes]
"""


def value(raw: str, **settings):
    return custom(raw, SECTIONS, **settings)


def said(raw: str) -> object:
    return plain(value(raw))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("!Ref Stage", "dev"),
        ("{Ref: Stage}", "dev"),
        ("!Ref Count", "3"),
        ("!Ref Zones", ["a", "b", "c"]),
        ("!Ref Other", {"$ref": ["Other", "Ref"]}),
        ("!Ref Open", {"$unknown": "parameter Open has no value (give it with --parameters Open=…)"}),
        ("!Ref Nothing", {"$unknown": "the template has no parameter or resource named Nothing"}),
        ("{Ref: !Sub '${Stage}'}", {"$unknown": "the template has no parameter or resource named dev"}),
        ("{Ref: [a]}", {"$unknown": "Ref needs the name of a parameter or resource"}),
        ("!GetAtt Other.Arn", {"$ref": ["Other", "Arn"]}),
        ("{'Fn::GetAtt': Other.Arn}", {"$ref": ["Other", "Arn"]}),
        ("{'Fn::GetAtt': [Other, Arn]}", {"$ref": ["Other", "Arn"]}),
        ("{'Fn::GetAtt': [Other, !Ref Stage]}", {"$ref": ["Other", "dev"]}),
        ("!GetAtt Other.Deep.Arn", {"$ref": ["Other", "Deep.Arn"]}),
        ("!GetAtt Nothing.Arn", {"$unknown": "the template has no resource named Nothing"}),
        ("!GetAtt Stage.Arn", {"$unknown": "the template has no resource named Stage"}),
        ("!GetAtt Other", {"$unknown": "Fn::GetAtt needs a resource and an attribute"}),
    ],
)
def test_names_lead_to_parameters_and_resources(raw, expected) -> None:
    assert said(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("!Sub 'a-${Stage}-b'", "a-dev-b"),
        ("{'Fn::Sub': 'a-${Stage}'}", "a-dev"),
        ("!Sub ['${A}/${Stage}', {A: x}]", "x/dev"),
        ("!Sub ['${Stage}', {Stage: own}]", "own"),
        ("!Sub ['${A}', {A: !Sub '${Stage}!'}]", "dev!"),
        ("!Sub '${Count} times'", "3 times"),
        ("!Sub 'a ${!Literal} b'", "a ${Literal} b"),
        ("!Sub 'no variables'", "no variables"),
        ("!Sub '$ { } {{x}} $${Stage}'", "$ { } {{x}} $dev"),
        ("!Sub '${Other}'", {"$ref": ["Other", "Ref"]}),
        ("!Sub '${Other.Arn}/*'", {"$partial": [{"$ref": ["Other", "Arn"]}, "/*"]}),
        (
            "!Sub '${Stage}-${Open}-x'",
            {
                "$partial": [
                    "dev-",
                    {"$unknown": "parameter Open has no value (give it with --parameters Open=…)"},
                    "-x",
                ]
            },
        ),
        ("!Sub '${AWS::Region}'", {"$unknown": "the Region is known at deployment"}),
        ("!Sub []", {"$unknown": "Fn::Sub needs a text"}),
        ("{'Fn::Sub': {a: b}}", {"$unknown": "Fn::Sub needs a text"}),
        ("!Sub ['${A}', {A: !Ref AWS::NoValue}]", ""),
    ],
)
def test_sub_puts_values_into_a_text(raw, expected) -> None:
    assert said(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("!Join ['-', [a, !Ref Stage, 1]]", "a-dev-1"),
        ("!Join ['', [true, x]]", "truex"),
        ("!Join [',', !Ref Zones]", "a,b,c"),
        ("!Join ['-', [a, !Ref AWS::NoValue, b]]", "a-b"),
        ("!Join ['-', []]", ""),
        ("!Join [':', [a, !GetAtt Other.Arn]]", {"$partial": ["a:", {"$ref": ["Other", "Arn"]}]}),
        ("!Join [',', !GetAtt Other.Names]", {"$unknown": "Other.Names is known only after deployment"}),
        (
            "!Join [',', !GetAZs '']",
            {"$unknown": "the Availability Zones of the Region are known at deployment"},
        ),
        ("!Join [x]", {"$unknown": "Fn::Join needs a delimiter and a list"}),
        ("!Join ['-', text]", {"$unknown": "Fn::Join needs a list"}),
        ("!Join [[], [a]]", {"$unknown": "Fn::Join needs a delimiter"}),
        ("!Split [',', 'a,b,,c']", ["a", "b", "", "c"]),
        ("!Split [',', !Sub '${Stage},x']", ["dev", "x"]),
        ("!Split [':', !GetAtt Other.Arn]", {"$unknown": "Other.Arn is known only after deployment"}),
        ("!Split ['', abc]", {"$unknown": "Fn::Split needs a delimiter"}),
        ("!Split ['-', [a]]", {"$unknown": "Fn::Split needs a text"}),
        ("!Select [1, [a, b, c]]", "b"),
        ("!Select ['2', !Ref Zones]", "c"),
        ("!Select [0, !Split ['-', 'x-y']]", "x"),
        ("!Select [0, [!Ref AWS::NoValue, b]]", "b"),
        ("!Select [7, [a]]", {"$unknown": "Fn::Select asks for element 7 of 1"}),
        ("!Select [-1, [a]]", {"$unknown": "Fn::Select asks for element -1 of 1"}),
        ("!Select [x, [a]]", {"$unknown": "Fn::Select needs an index"}),
        ("!Select [0, !GetAtt Other.Names]", {"$unknown": "Other.Names is known only after deployment"}),
        (
            "!Select [0, !GetAZs '']",
            {"$unknown": "the Availability Zones of the Region are known at deployment"},
        ),
        ("!Select [0]", {"$unknown": "Fn::Select needs an index and a list"}),
    ],
)
def test_join_split_and_select_work_on_lists(raw, expected) -> None:
    assert said(raw) == expected


def test_a_text_is_split_as_far_as_its_pieces_are_known() -> None:
    found = value("!Split [':', !Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:jobs']")
    assert len(found) == 6
    assert found[5] == "jobs"
    assert isinstance(found[3], Unknown)
    unsure = value("!Split ['/', !Sub 'a/b/${Open}/c']")
    assert isinstance(unsure, OpenList)
    assert unsure.known == ["a", "b"]
    with pytest.raises(NotKnown):
        bool(unsure[3] == "c")


def test_the_region_may_hold_the_dash_that_a_text_is_split_at() -> None:
    found = value("!Split ['-', !Sub 'a-${AWS::Region}-b']")
    assert isinstance(found, OpenList)
    assert found.known == ["a"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("!If [IsDev, 1, 2]", 1),
        ("!If [IsProd, 1, 2]", 2),
        ("{'Fn::If': [IsDev, {a: !Ref Stage}, 2]}", {"a": "dev"}),
        ("!If [IsProd, 1, !If [IsDev, 2, 3]]", 2),
        ("!If [IsDev, !Ref AWS::NoValue, 2]", None),
        ("!If [IsOpen, same, same]", "same"),
        ("!If [IsOpen, {a: [1]}, {a: [1]}]", {"a": [1]}),
        ("!If [IsOpen, !Ref AWS::NoValue, !Ref AWS::NoValue]", None),
        (
            "!If [IsOpen, 1, 2]",
            {
                "$unknown": "condition IsOpen: parameter Open has no value (give it with --parameters Open=…)",
            },
        ),
        (
            "!If [Missing, 1, 2]",
            {"$unknown": "condition Missing: the template has no condition named Missing"},
        ),
        ("!If [IsDev, 1]", {"$unknown": "Fn::If needs a condition and two values"}),
        ("!If [[IsDev], 1, 2]", {"$unknown": "Fn::If needs a condition and two values"}),
    ],
)
def test_if_chooses_by_the_condition(raw, expected) -> None:
    assert said(raw) == expected


def test_what_a_condition_chooses_is_stated_unless_it_may_choose_nothing() -> None:
    assert is_stated(value("!If [IsOpen, 1, 2]"))
    assert is_stated(value("!If [IsOpen, !Ref Open, 2]"))
    with pytest.raises(NotKnown):
        is_stated(value("!If [IsOpen, 1, !Ref AWS::NoValue]"))
    with pytest.raises(NotKnown):
        is_stated(value("!If [IsOpen, 1, !If [IsOpen, 2, !Ref AWS::NoValue]]"))


def test_no_value_leaves_nothing_in_lists_and_maps() -> None:
    assert value("[a, !Ref AWS::NoValue, !If [IsProd, b, !Ref AWS::NoValue], c]") == ["a", "c"]
    assert value("{a: 1, b: !Ref AWS::NoValue, c: !If [IsDev, !Ref AWS::NoValue, 1]}") == {"a": 1}


def test_an_element_that_may_be_nothing_leaves_the_list_open() -> None:
    found = value("[a, !If [IsOpen, b, !Ref AWS::NoValue]]")
    assert isinstance(found, OpenList)
    assert found.known == ["a"]
    nested = value("[!If [IsOpen, b, !If [IsOpen, c, !Ref AWS::NoValue]]]")
    assert isinstance(nested, OpenList)
    assert isinstance(value("[!If [IsOpen, b, c]]")[0], Unknown)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("!FindInMap [Sizes, !Ref Stage, Memory]", 128),
        ("{'Fn::FindInMap': [Sizes, prod, Memory]}", 1024),
        ("!FindInMap [Sizes, dev, Names]", ["x", "y"]),
        ("!FindInMap [Sizes, dev, 1]", "one"),
        ("!FindInMap [Sizes, !Sub '${Stage}', Memory]", 128),
        ("!FindInMap [Sizes, test, Memory]", {"$unknown": "Mappings has no Sizes.test.Memory"}),
        ("!FindInMap [Sizes, test, Memory, {DefaultValue: 7}]", 7),
        ("!FindInMap [Nothing, a, b, {DefaultValue: !Ref Stage}]", "dev"),
        ("!FindInMap [Regions, !Ref AWS::Region, Ami]", {"$unknown": "the Region is known at deployment"}),
        (
            "!FindInMap [Sizes, !Ref Open, Memory]",
            {"$unknown": "parameter Open has no value (give it with --parameters Open=…)"},
        ),
        ("!FindInMap [Sizes, !Ref Other, Memory]", {"$unknown": "Other is known only after deployment"}),
        ("!FindInMap [Sizes, [a], Memory]", {"$unknown": "a key of Fn::FindInMap is not a text"}),
        ("!FindInMap [Sizes, dev]", {"$unknown": "Fn::FindInMap needs a map and two keys"}),
    ],
)
def test_find_in_map_looks_values_up(raw, expected) -> None:
    assert said(raw) == expected


def test_a_region_that_is_given_is_known_everywhere() -> None:
    from stackworthy.config import Environment

    here = Environment("here", region="us-east-1")
    assert value("!FindInMap [Regions, !Ref AWS::Region, Ami]", environment=here) == "ami-1"
    assert value("!Sub '${AWS::Region}a'", environment=here) == "us-east-1a"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("AWS::Region", "the Region is known at deployment"),
        ("AWS::AccountId", "the account is known at deployment"),
        ("AWS::Partition", "the partition is known at deployment"),
        ("AWS::URLSuffix", "the partition's domain is known at deployment"),
        ("AWS::StackName", "the stack's name is known at deployment"),
        ("AWS::StackId", "the stack's id is known at deployment"),
        ("AWS::NotificationARNs", "the stack's notification topics are known at deployment"),
    ],
)
def test_a_pseudo_parameter_is_stated_but_not_known(name, reason) -> None:
    found = value(f"!Ref {name}")
    assert found.reason == reason
    assert is_stated(found)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("!Base64 hello", "aGVsbG8="),
        ("{'Fn::Base64': !Sub '${Stage}'}", "ZGV2"),
        ("!Base64 [a]", {"$unknown": "Fn::Base64 needs a text"}),
        ("!Base64 {Ref: Other}", {"$unknown": "Other is known only after deployment"}),
        ("{'Fn::Length': [1, 2, 3]}", 3),
        ("{'Fn::Length': !Ref Zones}", 3),
        ("{'Fn::Length': !Split ['|', 'a|b']}", 2),
        ("{'Fn::Length': text}", {"$unknown": "Fn::Length needs a list"}),
        (
            "{'Fn::Length': !Ref Open}",
            {"$unknown": "parameter Open has no value (give it with --parameters Open=…)"},
        ),
        (
            "{'Fn::Length': !GetAZs ''}",
            {"$unknown": "the Availability Zones of the Region are known at deployment"},
        ),
        ("!GetAZs ''", [{"$unknown": "the Availability Zones of the Region are known at deployment"}]),
        ("!GetAZs eu-west-1", [{"$unknown": "the Availability Zones of eu-west-1 are known at deployment"}]),
        ("!ImportValue network-vpc", {"$unknown": "network-vpc is imported from another stack"}),
        ("!ImportValue {'Fn::Sub': '${Stage}-vpc'}", {"$unknown": "dev-vpc is imported from another stack"}),
        (
            "{'Fn::ImportValue': !Sub '${Open}-vpc'}",
            {"$unknown": "${Ref Open}-vpc is imported from another stack"},
        ),
        ("!Cidr ['10.0.0.0/16', 3, 8]", ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]),
        ("!Cidr ['10.0.0.0/24', '2', '4']", ["10.0.0.0/28", "10.0.0.16/28"]),
        ("!Cidr ['10.0.0.0/16', 1]", ["10.0.0.0/24"]),
        ("!Cidr ['2001:db8::/56', 1, 64]", ["2001:db8::/64"]),
        ("!Cidr ['10.0.0.0/16', 300, 8]", {"$unknown": "Fn::Cidr asks for more blocks than there are"}),
        ("!Cidr ['10.0.0.0/30', 2, 8]", {"$unknown": "Fn::Cidr asks for more blocks than there are"}),
        (
            "!Cidr [!GetAtt Other.CidrBlock, 3, 8]",
            {"$unknown": "Other.CidrBlock is known only after deployment"},
        ),
        ("!Cidr [x, 3, 8]", {"$unknown": "Fn::Cidr needs an address block, a count and a number of bits"}),
        (
            "!Cidr ['10.0.0.0/16', [], {}]",
            {"$unknown": "Fn::Cidr needs an address block, a count and a number of bits"},
        ),
        ("!Cidr text", {"$unknown": "Fn::Cidr needs an address block, a count and a number of bits"}),
        (
            "!Transform {Name: MyMacro, Parameters: {a: 1}}",
            {"$unknown": "the macro MyMacro runs at deployment"},
        ),
        ("!Transform text", {"$unknown": "Fn::Transform needs a Name"}),
        ("{'Fn::Strange': [1]}", {"$unknown": "Fn::Strange is not a function that is known here"}),
        ("!Strange x", {"$unknown": "Fn::Strange is not a function that is known here"}),
    ],
)
def test_other_functions_come_to_what_is_documented(raw, expected) -> None:
    assert said(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            '{a: 1, b: [true, null, "x\\"y"], c: {}, d: []}',
            {"a": 1, "b": [True, None, 'x"y'], "c": {}, "d": []},
        ),
        ("[!Ref Stage, !Ref AWS::NoValue, 1.5]", ["dev", 1.5]),
        ("{a: !Ref AWS::NoValue, b: 1}", {"b": 1}),
    ],
)
def test_to_json_string_gives_the_text_of_known_values(raw, expected) -> None:
    assert json.loads(value("{'Fn::ToJsonString': " + raw + "}")) == expected


def test_to_json_string_keeps_what_is_not_known_as_pieces_of_the_text() -> None:
    found = value("{'Fn::ToJsonString': {a: !GetAtt Other.Arn, b: !Sub '\"${Other}', c: !Ref Open}}")
    assert isinstance(found, Partial)
    assert found.references == (Reference("Other", "Arn"), Reference("Other", "Ref"))
    assert found.prefix == '{"a":"'
    assert '\\"' in "".join(piece for piece in found.pieces if isinstance(piece, str))
    assert isinstance(value("{'Fn::ToJsonString': text}"), Unknown)


@pytest.mark.parametrize(
    ("raw", "reason", "expression"),
    [
        ("'{{resolve:ssm:/a/b:3}}'", "read from Parameter Store at deployment", "{{resolve:ssm:/a/b:3}}"),
        (
            "'{{resolve:ssm-secure:/a}}'",
            "read from Parameter Store (secure) at deployment",
            "{{resolve:ssm-secure:/a}}",
        ),
        (
            "!Sub '{{resolve:secretsmanager:${Stage}/db:SecretString:password}}'",
            "read from Secrets Manager at deployment",
            "{{resolve:secretsmanager:dev/db:SecretString:password}}",
        ),
        (
            "!Join ['', ['{{resolve:secretsmanager:', !Ref Other, ':SecretString:x}}']]",
            "read from Secrets Manager at deployment",
            "{{resolve:secretsmanager:${Other}:SecretString:x}}",
        ),
        (
            "!Sub '{{resolve:ssm:/${Open}/key}}'",
            "read from Parameter Store at deployment",
            "{{resolve:ssm:/${Ref Open}/key}}",
        ),
    ],
)
def test_a_dynamic_reference_is_stated_but_not_known(raw, reason, expression) -> None:
    found = value(raw)
    assert isinstance(found, Unknown)
    assert (found.reason, found.expression, found.stated) == (reason, expression, True)


def test_a_text_around_dynamic_references_is_partly_known() -> None:
    found = value("!Sub 'postgres://{{resolve:ssm:user}}:{{resolve:ssm:/${Open}/key}}@${Other}/db'")
    assert isinstance(found, Partial)
    assert (found.prefix, found.suffix) == ("postgres://", "/db")
    assert found.references == (Reference("Other", "Ref"),)


def test_braces_that_are_no_dynamic_reference_stay_as_they_are() -> None:
    assert value("'{{ name }}'") == "{{ name }}"
    assert value("'{{resolve:ssm}}'") == "{{resolve:ssm}}"
    assert value("!Sub '{{resolve:ssm:${Stage}'") == "{{resolve:ssm:dev"


def test_a_parameter_may_hold_a_dynamic_reference() -> None:
    found = custom("!Ref Secret", "\nParameters: {Secret: {Type: String, Default: '{{resolve:ssm:x}}'}}\n")
    assert isinstance(found, Unknown)


def test_the_key_condition_of_a_policy_statement_is_no_function() -> None:
    assert value("{Condition: {StringEquals: {a: b}}}") == {"Condition": {"StringEquals": {"a": "b"}}}


def test_a_function_among_keys_is_put_into_the_map() -> None:
    assert value("{a: 1, 'Fn::If': [IsDev, {b: 2}, {}]}") == Map({"a": 1, "b": 2})
    assert value("{a: 1, 'Fn::If': [IsDev, !Ref AWS::NoValue, {}]}") == Map({"a": 1})
    macro = value("{a: 1, 'Fn::Transform': {Name: M}}")
    assert macro["a"] == 1
    assert isinstance(macro["b"], Unknown)


def test_a_text_that_doubles_without_end_is_not_put_together() -> None:
    raw = '"x"'
    for _ in range(60):
        raw = f"!Sub ['${{a}}${{a}}', {{a: {raw}}}]"
    found = value(raw)
    assert not isinstance(found, str)
    assert "longer than" in found.reason


def test_two_choices_are_the_same_only_when_all_they_say_is() -> None:
    from stackworthy.core.value import same

    assert same(value("!If [IsOpen, 1, 2]"), value("!If [IsOpen, 1, 2]"))
    assert not same(value("!If [IsOpen, 1, 2]"), value("!If [IsOpen, 1, 3]"))


def test_values_beyond_the_stacks_budget_are_unknown_and_said_so_once() -> None:
    from stackworthy.sources.cloudformation.intrinsics import Budget, Evaluator
    from stackworthy.sources.cloudformation.scope import Scope

    told: list[str] = []
    scope = Scope("t.yaml", {}, {})
    evaluator = Evaluator(scope, Budget(told.append, values=3))
    assert evaluator.value([[1], [2]]) == [[1], [2]]
    assert isinstance(evaluator.value([[3]]), Unknown)
    assert isinstance(evaluator.value({}), Unknown)
    assert len(told) == 1


def test_a_template_of_plain_data_gives_the_same_as_its_yaml() -> None:
    from_data = reading({"Resources": {"A": {"Type": "Custom::A", "Properties": {"P": {"Fn::Sub": "${A}"}}}}})
    from_text = reading("Resources: {A: {Type: 'Custom::A', Properties: {P: !Sub '${A}'}}}")
    assert plain(from_data.graph["A"]["P"]) == plain(from_text.graph["A"]["P"]) == {"$ref": ["A", "Ref"]}
