"""Parameters, conditions and what else a template names."""

from __future__ import annotations

import time

import pytest
from tests.sources.cloudformation.reading import complaints, custom, reading

from stackworthy.config import Environment
from stackworthy.core.plain import plain
from stackworthy.core.value import Unknown


def parameter(declaration: str, **settings):
    return plain(custom("!Ref P", f"\nParameters: {{P: {declaration}}}\n", **settings))


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("{Type: String, Default: a}", "a"),
        ("{Type: String, Default: 12}", "12"),
        ("{Type: String, Default: true}", "true"),
        ("{Type: String, Default: ''}", ""),
        ("{Type: Number, Default: 1.5}", "1.5"),
        ("{Default: a}", "a"),
        ("{Type: AWS::EC2::VPC::Id, Default: vpc-1}", "vpc-1"),
        ("{Type: CommaDelimitedList, Default: 'a, b ,c'}", ["a", "b", "c"]),
        ("{Type: CommaDelimitedList, Default: ''}", []),
        ("{Type: CommaDelimitedList, Default: [a, 1]}", ["a", "1"]),
        ("{Type: List<Number>, Default: '1,2'}", ["1", "2"]),
        ("{Type: 'List<AWS::EC2::Subnet::Id>', Default: subnet-1}", ["subnet-1"]),
        ("{Type: String, Default: [a, b]}", "a,b"),
        (
            "{Type: String, NoEcho: true, Default: hunter2}",
            {"$unknown": "parameter P is kept secret (NoEcho)"},
        ),
        ("{Type: String, NoEcho: 'TRUE', Default: x}", {"$unknown": "parameter P is kept secret (NoEcho)"}),
        (
            "{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}",
            {"$unknown": "parameter P is read from Parameter Store at deployment"},
        ),
        (
            "{Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /a/b}",
            {"$unknown": "parameter P is read from Parameter Store at deployment"},
        ),
        (
            "{Type: String}",
            {"$unknown": "parameter P has no value (give it with --parameters P=…)"},
        ),
        ("text", {"$unknown": "parameter P is not declared as a map"}),
        ("{Type: [String], Default: a}", "a"),
        ("{Type: String, Default: {a: b}}", {"$unknown": "the value of parameter P is a map"}),
    ],
)
def test_a_parameter_has_the_value_of_its_type(declaration, expected) -> None:
    assert parameter(declaration) == expected


def test_a_value_that_is_given_wins_over_the_default() -> None:
    assert parameter("{Type: String, Default: a}", parameters={"P": "b"}) == "b"
    assert parameter("{Type: CommaDelimitedList, Default: a}", parameters={"P": "b, c"}) == ["b", "c"]


def test_a_secret_parameter_stays_secret_when_it_is_given() -> None:
    found = parameter("{Type: String, NoEcho: true}", parameters={"P": "hunter2"})
    assert found == {"$unknown": "parameter P is kept secret (NoEcho)"}


def test_values_of_an_environment_are_text_whatever_they_are_written_as() -> None:
    environment = Environment("dev", parameters={"P": True})  # type: ignore[dict-item]
    assert parameter("{Type: String}", environment=environment) == "true"


CONDITIONS = """
Parameters:
  Stage: {Type: String, Default: dev}
  Open: {Type: String}
Conditions:
  Dev: !Equals [!Ref Stage, dev]
  NotDev: !Not [!Condition Dev]
  Number: !Equals [1, '1']
  Truth: !Equals [true, 'true']
  OpenSelf: !Equals [!Ref Open, !Ref Open]
  IsOpen: !Equals [!Ref Open, x]
  Part: !Equals [!Sub 'a-${Open}', b-c]
  Both: !And [!Condition Dev, !Condition Number]
  Either: !Or [!Condition NotDev, !Condition Dev]
  None: !Or [!Condition NotDev, !Not [!Condition Number]]
  OpenAnd: !And [!Condition IsOpen, !Condition NotDev]
  OpenOr: !Or [!Condition IsOpen, !Condition Dev]
  OpenBoth: !And [!Condition IsOpen, !Condition Dev]
  OpenNot: !Not [!Condition IsOpen]
  Named: {Condition: Dev}
  Chosen: !Equals [!If [Dev, a, b], a]
  Mapped: !Equals [!FindInMap [M, !Ref Stage, v], 1]
  Word: 'true'
  Text: hello
  Broken: !Equals [a]
  Empty: !And []
  NoList: !Not text
  Strange: !GetAZs ''
  Missing: !Condition Nowhere
Mappings: {M: {dev: {v: 1}}}
Resources: {A: {Type: 'Custom::A'}}
"""


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("Dev", True),
        ("NotDev", False),
        ("Number", True),
        ("Truth", True),
        ("OpenSelf", True),
        ("IsOpen", "parameter Open has no value (give it with --parameters Open=…)"),
        ("Part", False),
        ("Both", True),
        ("Either", True),
        ("None", False),
        ("OpenAnd", False),
        ("OpenOr", True),
        ("OpenBoth", "parameter Open has no value (give it with --parameters Open=…)"),
        ("OpenNot", "parameter Open has no value (give it with --parameters Open=…)"),
        ("Named", True),
        ("Chosen", True),
        ("Mapped", True),
        ("Word", True),
        ("Text", "a condition needs a function that is true or false"),
        ("Broken", "Fn::Equals needs two values"),
        ("Empty", "Fn::And needs a list"),
        ("NoList", "Fn::Not needs a list"),
        ("Strange", "a condition needs a function that is true or false"),
        ("Missing", "the template has no condition named Nowhere"),
    ],
)
def test_a_condition_holds_or_not_or_cannot_be_known(name, holds) -> None:
    text = CONDITIONS.replace("Type: 'Custom::A'", f"Type: 'Custom::A', Condition: {name}")
    when = reading(text).graph["A"].when
    assert when is not None
    assert when.expression == name
    assert (when.why if when.holds is None else when.holds) == holds


def test_a_resource_whose_condition_does_not_hold_is_there_but_not_present() -> None:
    graph = reading(CONDITIONS.replace("Type: 'Custom::A'", "Type: 'Custom::A', Condition: NotDev")).graph
    assert not graph["A"].present
    assert graph.of("Custom::A") == []


def test_a_condition_in_a_circle_is_unknown_and_said_once() -> None:
    found = reading(
        """
        Conditions:
          A: !Not [!Condition B]
          B: !And [!Condition C, !Condition C]
          C: !Condition A
          Self: !Not [!Condition Self]
        Resources:
          X: {Type: 'Custom::X', Condition: B}
        """
    )
    assert found.graph["X"].when.holds is None
    assert complaints(found) == [
        ("template.yaml", 3, "condition A depends on itself"),
        ("template.yaml", 6, "condition Self depends on itself"),
    ]


def test_a_condition_that_is_not_declared_is_said_at_the_resource_that_names_it() -> None:
    found = reading("Resources:\n  X:\n    Type: Custom::X\n    Condition: Nowhere\n")
    assert complaints(found) == [("template.yaml", 4, "X names condition Nowhere, which is not declared")]
    assert found.graph["X"].when.holds is None


def test_a_condition_of_an_odd_type_is_left_out() -> None:
    assert reading("Resources: {X: {Type: 'Custom::X', Condition: [a]}}").graph["X"].when is None


def test_a_long_chain_of_conditions_ends() -> None:
    links = "".join(f"  C{index}: !Not [!Condition C{index + 1}]\n" for index in range(2000))
    started = time.process_time()
    found = reading(f"Conditions:\n{links}  C2000: !Equals [a, a]\nResources: {{X: {{Type: 'Custom::X'}}}}\n")
    assert found.diagnostics == []
    assert time.process_time() - started < 5


def test_the_users_of_a_parameter_are_counted_wherever_they_are() -> None:
    found = reading(
        """
        Parameters: {P: {Type: String, Default: a}}
        Conditions: {C: !Equals [!Ref P, b]}
        Resources:
          X: {Type: 'Custom::X', Properties: {A: !Ref P, B: !Sub 'x${P}', C: [{'Fn::Sub': '${P}'}]}}
        Outputs: {O: {Value: !Ref P}}
        """
    )
    (step,) = found.graph["X"].properties.trail("A")
    assert step.users == 5


def test_an_element_of_a_list_parameter_may_be_a_dynamic_reference() -> None:
    found = custom(
        "!Ref P", "\nParameters: {P: {Type: CommaDelimitedList, Default: 'a,{{resolve:ssm:b}}'}}\n"
    )
    assert found[0] == "a"
    assert isinstance(found[1], Unknown)
