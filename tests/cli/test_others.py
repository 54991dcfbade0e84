"""The smaller commands: rules, explain, init, graph; and the Python API."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

import stackworthy
from stackworthy.cli import main
from stackworthy.cli.init import TEMPLATE
from stackworthy.config import ConfigError, load
from stackworthy.config_file import ENVIRONMENT, KEYS, PATHS, POLICY
from stackworthy.rules import all_rules

STACK = """\
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "pass"}
      Role: !GetAtt Role.Arn
      Environment: {Variables: {DB_PASSWORD: hunter2}}
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {}}
"""


def run(capsys, *arguments):
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_every_rule_is_listed_in_text_and_json(capsys):
    _, text, _ = run(capsys, "rules")
    _, encoded, _ = run(capsys, "rules", "--format", "json")
    listed = json.loads(encoded)
    assert [entry["id"] for entry in listed] == [rule.id for rule in all_rules()]
    assert all(f" {rule.id} " in text or f" {rule.id}\n" in text for rule in all_rules())
    keys = {"id", "aliases", "pillar", "severity", "profile", "tags", "equivalents", "fix", "references"}
    assert all(keys <= set(entry) for entry in listed)


def test_rules_can_be_narrowed_by_pillar_and_profile(capsys):
    _, encoded, _ = run(
        capsys, "rules", "--format", "json", "--pillar", "operations", "--profile", "recommended"
    )
    listed = json.loads(encoded)
    assert listed
    assert {(entry["pillar"], entry["profile"]) for entry in listed} == {("operations", "recommended")}


@pytest.mark.parametrize("name", ["tracing-off", "Tracing-Off", "CKV_AWS_50", "ckv_aws_50"])
def test_a_rule_is_explained_by_any_of_its_names(capsys, name):
    code, out, _ = run(capsys, "explain", name)
    assert code == 0
    assert out.startswith("tracing-off\n")
    for part in (
        "Found\n",
        "Fine\n",
        "Fix\n",
        "References\n",
        "# stackworthy: ignore[tracing-off] the reason",
    ):
        assert part in out


def test_init_writes_a_file_that_loads_and_changes_nothing(capsys, tmp_path):
    code, out, _ = run(capsys, "init", str(tmp_path))
    assert code == 0
    assert "stackworthy.toml is written" in out
    settings = load(tmp_path)
    assert settings.file == "stackworthy.toml"
    assert (settings.profile, settings.fail_on, settings.environments) == ("recommended", "high", ())


def test_init_leaves_an_existing_file_alone(capsys, tmp_path):
    (tmp_path / "stackworthy.toml").write_text("profile = 'strict'")
    code, _, err = run(capsys, "init", str(tmp_path))
    assert code == 2
    assert "exists already" in err
    assert (tmp_path / "stackworthy.toml").read_text() == "profile = 'strict'"


def uncommented():
    """The template with every setting taken up: comments are those lines that read as sentences."""
    lines = (line.removeprefix("# ") for line in TEMPLATE.splitlines())
    return "\n".join(line for line in lines if re.match(r"\[|\w+ = ", line))


def test_every_key_stands_in_the_template(tmp_path):
    text = uncommented()
    for keys in (KEYS, ENVIRONMENT, POLICY, PATHS):
        for key in keys:
            assert re.search(rf"(^{key} = |^\[{key}[.\]]|^\[policy\.{key}[.\]])", text, re.MULTILINE), key


def test_the_template_holds_no_setting_that_does_not_exist(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "base.toml").write_text("")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/stackworthy.toml").write_text(uncommented())
    settings = load(tmp_path / "infra")
    prod, dev = settings.environments
    assert (prod.workspace, prod.profile, dev.severity_cap) == ("prod", "strict", "low")
    assert [entry.glob for entry in settings.policy.paths] == ["infra/tests/**", "infra/**/legacy/"]


@pytest.fixture
def stack(tmp_path, monkeypatch):
    (tmp_path / "template.yaml").write_text(STACK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_graph_prints_json_with_secrets_masked(stack, capsys):
    code, out, _ = run(capsys, "graph", ".")
    (environment,) = json.loads(out)["stacks"][0]["environments"]
    worker = next(entry for entry in environment["resources"] if entry["address"] == "Worker")
    assert code == 0
    assert (environment["name"], worker["file"], worker["line"]) == (None, "template.yaml", 2)
    assert worker["properties"]["Role"] == {"$ref": ["Role", "Arn"]}
    assert "hunter2" not in out


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("a.mmd", "flowchart LR"), ("a.dot", "digraph"), ("a.svg", "<svg"), ("a.json", '{"schema"')],
)
def test_a_files_ending_says_what_is_drawn(stack, capsys, name, beginning):
    assert run(capsys, "graph", "-o", name)[0] == 0
    assert (stack / name).read_text().startswith(beginning)


def test_the_format_wins_over_the_ending(stack, capsys):
    run(capsys, "graph", "--format", "svg", "-o", "a.txt")
    assert ElementTree.parse(stack / "a.txt").getroot().tag.endswith("svg")


def test_each_environment_has_its_graph(stack, capsys):
    _, out, _ = run(capsys, "graph", "--environment", "dev", "--environment", "prod")
    assert [entry["name"] for entry in json.loads(out)["stacks"][0]["environments"]] == ["dev", "prod"]


def test_a_graph_of_nothing_is_bad_use(tmp_path, capsys):
    code, _, err = run(capsys, "graph", str(tmp_path))
    assert code == 2
    assert "no stack found below" in err


def test_a_stack_that_cannot_be_read_is_told_and_the_others_are_shown(stack, capsys):
    (stack / "broken.yaml").write_text('AWSTemplateFormatVersion: "2010-09-09"\nResources:\n\tA: {Type: x}\n')
    code, out, err = run(capsys, "graph", ".")
    assert code == 0
    assert [entry["path"] for entry in json.loads(out)["stacks"]] == ["broken.yaml", "template.yaml"]
    assert "broken.yaml:3: " in err


def test_the_python_api_reviews_as_the_command_does(stack):
    review = stackworthy.review(stack, rules=["tracing-off"], environments=["dev"], parameters={"A": "b"})
    assert [finding.rule for finding in review.findings] == ["tracing-off"]
    assert review.findings[0].environments == ["dev"]


def test_the_python_api_refuses_broken_settings(stack):
    (stack / "stackworthy.toml").write_text("x = 1")
    with pytest.raises(ConfigError, match="unknown key 'x'"):
        stackworthy.review(stack)
