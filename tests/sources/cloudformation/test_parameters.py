"""Where the values of parameters come from."""

from __future__ import annotations

import json

import pytest
from tests.support.templates import Files

from stackworthy.config import Environment, Options, Settings
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.parameters import Given, given, overrides

DEV = Environment("dev", samconfig="dev", parameter_files=("env/dev.json",))


def of(
    files: dict[str, str],
    environment: Environment | None = None,
    settings: Settings | None = None,
    template: str = "app/template.yaml",
) -> Given:
    documents = Documents(Files({name: content.encode() for name, content in files.items()}))
    return given(documents, template, settings or Settings(), environment)


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        ("A=1 B=2", {"A": "1", "B": "2"}),
        ("A=\"b c\" B='d e'", {"A": "b c", "B": "d e"}),
        ('A=\\"quoted\\" B=x', {"A": "quoted", "B": "x"}),
        ("A=", {"A": ""}),
        ("A=b=c", {"A": "b=c"}),
        ("ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue=2,3", {"A": "1", "B": "2,3"}),
        (["A=1", "B=b c", 'C="d"'], {"A": "1", "B": "b c", "C": "d"}),
        (["ParameterKey=A,ParameterValue=b c"], {"A": "b c"}),
        ([{"A": 1}, {"B": True}], {"A": "1", "B": "true"}),
        ({"A": 1, "B": True, "C": ["x", "y"], "D": None}, {"A": "1", "B": "true", "C": "x,y", "D": "None"}),
        ("A='unclosed B=2", {"A": "'unclosed", "B": "2"}),
        ("words without equals", {}),
        ("", {}),
        (None, {}),
        (7, {}),
    ],
)
def test_overrides_are_read_in_every_form(raw, pairs) -> None:
    assert dict(overrides(raw)) == pairs


SAMCONFIG = """\
version = 0.1
[default.global.parameters]
parameter_overrides = "A=global B=global"
region = "us-east-1"
[default.deploy.parameters]
parameter_overrides = "A=deploy"
region = "eu-west-1"
[dev.deploy.parameters]
parameter_overrides = ["A=dev", "C=dev"]
"""


def test_the_default_section_of_a_samconfig_beside_the_template_counts() -> None:
    found = of(
        {
            "app/samconfig.toml": SAMCONFIG,
            "samconfig.toml": "[default.deploy.parameters]\nparameter_overrides='Z=1'\n",
        }
    )
    assert found.values == {"A": "deploy", "B": "global"}
    assert found.region == "eu-west-1"
    assert found.sources["A"].route == ("default", "deploy", "parameters", "parameter_overrides", "A")
    assert found.sources["B"].route == ("default", "global", "parameters", "parameter_overrides", "B")
    assert found.diagnostics == []


def test_an_environment_names_the_section() -> None:
    found = of({"app/samconfig.toml": SAMCONFIG}, Environment("x", samconfig="dev"))
    assert found.values == {"A": "dev", "C": "dev"}
    assert found.region is None


@pytest.mark.parametrize("name", ["samconfig.yaml", "samconfig.yml"])
def test_a_samconfig_may_be_yaml(name) -> None:
    text = "version: 0.1\ndefault:\n  deploy:\n    parameters:\n      parameter_overrides: [A=1]\n      region: eu-west-1\n"
    found = of({f"app/{name}": text})
    assert (found.values, found.region) == ({"A": "1"}, "eu-west-1")


def test_a_samconfig_for_another_template_does_not_count() -> None:
    config = "[default.deploy.parameters]\ntemplate_file = 'other.yaml'\nparameter_overrides = 'A=1'\n"
    assert of({"app/samconfig.toml": config, "app/other.yaml": ""}).values == {}
    assert of({"app/samconfig.toml": config}).values == {"A": "1"}
    assert of({"app/samconfig.toml": config.replace("other", "template")}).values == {"A": "1"}


@pytest.mark.parametrize(
    "content",
    [
        "default = 3\n",
        "[default]\ndeploy = 'x'\n",
        "[default.deploy]\nparameters = []\n",
        "[default.deploy.parameters]\nregion = 3\nparameter_overrides = 7\ntemplate_file = []\n",
    ],
)
def test_an_odd_samconfig_gives_nothing(content) -> None:
    found = of({"app/samconfig.toml": content})
    assert (found.values, found.region, found.diagnostics) == ({}, None, [])


@pytest.mark.parametrize(
    ("name", "content", "line", "message"),
    [
        ("samconfig.toml", "a = 1\n[default\n", 2, "not valid TOML"),
        ("samconfig.yaml", "a: [\n", 2, "not valid YAML"),
        ("samconfig.toml", "a = '\udcff'", 1, "not UTF-8"),
        ("samconfig.toml", "a = " + "[" * 10_000, 0, "nested too deep"),
        ("samconfig.toml", "# ok\na" + ".a" * 200 + " = 1\n", 2, "a name of more than 100 parts"),
        ("samconfig.toml", "[a" + ".a" * 200 + "]\n", 1, "a name of more than 100 parts"),
        ("samconfig.toml", "x = {a" + ".a" * 200 + " = 1}\n", 1, "a name of more than 100 parts"),
    ],
)
def test_a_broken_samconfig_is_said_with_its_line(name, content, line, message) -> None:
    documents = Documents(Files({f"app/{name}": content.encode("utf-8", "surrogateescape")}))
    found = given(documents, "app/template.yaml", Settings(), None)
    ((file, said_line, level),) = [(item.file, item.line, item.level) for item in found.diagnostics]
    assert (file, said_line, level) == (f"app/{name}", line, "error")
    assert message in found.diagnostics[0].message
    assert found.diagnostics[0].hint


@pytest.mark.parametrize(
    ("content", "routes"),
    [
        ([{"ParameterKey": "A", "ParameterValue": "1"}], {"A": (0, "ParameterValue")}),
        ({"A": "1"}, {"A": ("A",)}),
        ({"Parameters": {"A": 1}}, {"A": ("Parameters", "A")}),
        (
            {"Parameters": [{"ParameterKey": "A", "ParameterValue": 1}]},
            {"A": ("Parameters", 0, "ParameterValue")},
        ),
        (
            {"template-file-path": "t", "parameters": {"A": "1"}, "tags": {"B": "2"}},
            {"A": ("parameters", "A")},
        ),
        (["A=1"], {"A": (0,)}),
        (
            [{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": True}],
            {"A": (0, "ParameterValue")},
        ),
        ({"A": 1, "B": None, "C": {"x": 1}}, {"A": ("A",)}),
        ([3, "noequals", {"ParameterKey": 3, "ParameterValue": "x"}, ["A"], "A=1"], {"A": (4,)}),
    ],
)
@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_parameter_file_is_read_in_every_form(content, routes, ending) -> None:
    environment = Environment("dev", parameter_files=(f"env/dev.{ending}",))
    found = of({f"env/dev.{ending}": json.dumps(content)}, environment)
    assert found.values == {"A": "1"}
    assert {name: origin.route for name, origin in found.sources.items()} == routes
    assert found.diagnostics == []


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), ("{", "not valid JSON"), ('"text"', "holds no parameters")],
)
def test_a_parameter_file_that_gives_nothing_is_said(content, message) -> None:
    found = of({} if content is None else {"env/dev.json": content}, DEV)
    assert len(found.diagnostics) == 1
    assert found.diagnostics[0].file == "env/dev.json"
    assert message in found.diagnostics[0].message


def test_later_sources_win_and_say_where_they_stand() -> None:
    files = {
        "app/samconfig.toml": "[dev.deploy.parameters]\nparameter_overrides = 'A=config B=config C=config D=config E=config'\n",
        "env/dev.json": '{"B": "file", "C": "file", "D": "file", "E": "file"}',
    }
    environment = Environment(
        "dev",
        samconfig="dev",
        parameter_files=("env/dev.json",),
        parameters={"C": "own", "D": "own", "E": "own"},
    )
    settings = Settings(
        file="stackworthy.toml",
        parameters={"D": "all", "E": "typed"},
        options=Options(parameters={"E": "typed"}),
    )
    found = of(files, environment, settings)
    assert found.values == {"A": "config", "B": "file", "C": "own", "D": "all", "E": "typed"}
    assert {name: origin.file for name, origin in found.sources.items()} == {
        "A": "app/samconfig.toml",
        "B": "env/dev.json",
        "C": "stackworthy.toml",
        "D": "stackworthy.toml",
    }
    assert found.sources["C"].route == ("environment", "dev", "parameters", "C")
    assert found.sources["D"].route == ("parameters", "D")


def test_the_region_of_the_environment_wins() -> None:
    found = of({"app/samconfig.toml": SAMCONFIG}, Environment("x", samconfig="default", region="sa-east-1"))
    assert found.region == "sa-east-1"


def test_dots_in_texts_and_comments_are_no_parts_of_a_name() -> None:
    dots = "." * 500
    found = of(
        {"app/samconfig.toml": f"# {dots}\n[default.deploy.parameters]\nparameter_overrides = 'A={dots}'\n"}
    )
    assert found.values == {"A": dots}
