from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.serverless.reading import variables

from stackworthy.core.origin import Origin
from stackworthy.core.value import Unknown
from stackworthy.core.workspace import Disk
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.serverless.shapes import first_unknown
from stackworthy.sources.serverless.variables import MAX_NODES, Stated, Variables


def _reason(value: Any) -> str:
    assert isinstance(value, Unknown)
    return value.reason


def _value(folder: Path, expression: str, stated: Stated | None = None, more: str = "", **files: str) -> Any:
    text = f"service: shop\nprovider: {{name: aws, stage: dev}}\ncustom:\n  wanted: {expression}\n{more}"
    found, _ = variables(folder, text, stated, **files)
    return found.config("custom", "wanted")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${self:service}", "shop"),
        ("a-${self:service}-b", "a-shop-b"),
        ("${self:custom.map.${sls:stage}.size}", 512),
        ("${self:custom.list.1}", "two"),
        ("${self:custom.chain.size}", 512),
        ("${self:custom.map.dev}", {"size": 512, "flag": True}),
        ("size ${self:custom.map.dev.size} ${self:custom.map.dev.flag}", "size 512 true"),
        ("${self:custom.nothing, self:custom.map.dev.size}", 512),
        ("${self:custom.nothing, 'literal'}", "literal"),
        ("${opt:stage}", "dev"),
        ("${opt:stage, 'other'}", "other"),
        ("${opt:region}", "us-east-1"),
        ("${self:provider.region}", "us-east-1"),
        ("${env:HOME, 'nobody'}", "nobody"),
        ("${strToBool(true)}", True),
        ("${strToBool(${self:custom.zero})}", False),
        ("${aws:region}", "us-east-1"),
        ("${aws:accountId}", {"Ref": "AWS::AccountId"}),
        ("${param:color}", "red"),
        ("${param:size}", 3),
        ("${AWS::Region}", "${AWS::Region}"),
    ],
)
def test_a_variable_has_the_value_that_the_framework_finds(
    expression: str, value: Any, tmp_path: Path
) -> None:
    more = """  map: {dev: {size: 512, flag: true}}
  list: [one, two]
  zero: "0"
  chain: ${self:custom.map.dev}
params:
  default: {color: blue, size: 3}
  dev: {color: red}
"""
    assert _value(tmp_path, f'"{expression}"', more=more) == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("${ssm:/shop/key}", "ssm:/shop/key is read from Parameter Store at deployment"),
        ("${ssm:/shop/key, 'x'}", "ssm:/shop/key is read from Parameter Store at deployment"),
        ("${cf:other.Output}", "cf:other.Output is read from another stack's outputs at deployment"),
        ("${s3:bucket/key}", "s3:bucket/key is read from a bucket at deployment"),
        ("${env:HOME}", "environment variable HOME is known at deployment"),
        ("${opt:color}", "option --color has no value"),
        ("${param:color}", "parameter color has no value"),
        ("${file(./x.js):a}", "./x.js is code, which a review does not run"),
        ("${file(./none.yml):a}", "./none.yml does not exist"),
        ("${file(../../../etc/passwd)}", "../../../etc/passwd leads out of the reviewed root"),
        ("${self:custom.wanted}", "custom.wanted refers to itself"),
        ("${self:custom.nowhere}", "${self:custom.nowhere} has no value"),
        ("${git:sha}", "git:sha is read from the git repository at deployment"),
    ],
)
def test_what_only_a_deployment_knows_is_unknown_with_the_reason(
    expression: str, reason: str, tmp_path: Path
) -> None:
    assert _reason(_value(tmp_path, f'"{expression}"')).startswith(reason)


def test_the_environment_of_the_process_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_COLOR", "from the process")
    assert "SHOP_COLOR" in _reason(_value(tmp_path, "${env:SHOP_COLOR}"))


def test_environment_variables_and_options_can_be_stated(tmp_path: Path) -> None:
    stated = Stated(values={"env:COLOR": "red", "size": "3"})
    assert _value(tmp_path, '"${env:COLOR}-${opt:size}-${param:size}"', stated) == "red-3-3"


def test_a_text_with_an_unknown_part_is_joined_at_deployment(tmp_path: Path) -> None:
    joined = _value(tmp_path, '"a-${self:service}-${ssm:/x}-b"')["Fn::Join"]
    assert joined[0] == ""
    assert joined[1][0] == "a-shop-"
    assert joined[1][2] == "-b"
    assert isinstance(joined[1][1], Unknown)


def test_an_unknown_part_of_a_substitution_becomes_a_name_of_its_own(tmp_path: Path) -> None:
    argument = _value(tmp_path, '{"Fn::Sub": "${AWS::Region}-${self:service}-${ssm:/x}"}')["Fn::Sub"]
    assert argument[0] == "${AWS::Region}-shop-${variable0}"
    assert isinstance(argument[1]["variable0"], Unknown)


def test_a_file_is_taken_whole_or_in_part_and_may_hold_variables(tmp_path: Path) -> None:
    shared = "dev: {size: 1, name: '${self:service}'}\n"
    assert _value(tmp_path, "${file(shared.yml):${sls:stage}}", shared_yml=shared) == {
        "size": 1,
        "name": "shop",
    }
    assert _value(tmp_path, "${file(note.txt)}", note_txt="hello") == "hello"
    assert _value(tmp_path, "${file(data.json):a.0}", data_json='{"a": [7]}') == 7


def test_a_file_that_is_not_there_is_complained_of(tmp_path: Path) -> None:
    found, said = variables(tmp_path, "service: a\ncustom: {a: '${file(none.yml):x}'}\n")
    found.config()
    assert said == ["none.yml does not exist"]


def test_a_file_that_need_not_be_there_is_not_complained_of(tmp_path: Path) -> None:
    found, said = variables(tmp_path, "service: a\ncustom: {a: \"${file(none.yml):x, 'other'}\"}\n")
    assert found.config("custom", "a") == "other"
    assert said == []


def test_a_place_leads_through_the_variables_to_the_file_that_holds_it(tmp_path: Path) -> None:
    text = "service: a\ncustom: ${file(shared.yml)}\nmap: ${self:custom.deep}\n"
    found, _ = variables(tmp_path, text, shared_yml="deep:\n  size: 1\n")
    found.config()
    assert found.locate(("map", "size")) == Origin("shared.yml", ("deep", "size"))
    assert found.steps(("map",)) == [Origin("shared.yml", ("deep",))]
    assert found.uses[Origin("shared.yml", ("deep",))] == 1


def test_dotenv_files_count_only_where_the_service_asks_for_them(tmp_path: Path) -> None:
    from stackworthy.sources.serverless.dotenv import read_dotenv

    (tmp_path / ".env").write_text('# colours\nexport A="one two"\nB=two # comment\nC=\n')
    (tmp_path / ".env.prod").write_text("B=three\n")
    documents = Documents(Disk(tmp_path))
    assert read_dotenv(documents, "serverless.yml", {}, "prod") == {}
    asked = read_dotenv(documents, "serverless.yml", {"useDotenv": True}, "prod")
    assert asked == {"A": "one two", "B": "three", "C": ""}


def test_variables_that_multiply_each_other_are_refused_in_time(tmp_path: Path) -> None:
    lines = ["  a0: [x, x, x, x, x, x, x, x, x, x]"]
    ten = [", ".join(["'${self:custom.a" + str(number) + "}'"] * 10) for number in range(11)]
    lines += [f"  a{number + 1}: [{items}]" for number, items in enumerate(ten)]
    found, _ = variables(tmp_path, "service: a\ncustom:\n" + "\n".join(lines) + "\n")
    found.config()
    assert found._nodes < 12 * MAX_NODES


def test_texts_that_multiply_each_other_are_refused_in_time(tmp_path: Path) -> None:
    lines = ["  a0: xxxxxxxxxx"]
    lines += [f'  a{i}: "{("${self:custom.a" + str(i - 1) + "}") * 10}"' for i in range(1, 12)]
    found, _ = variables(tmp_path, "service: a\ncustom:\n" + "\n".join(lines) + "\n")
    unknown = first_unknown(found.config("custom", "a8"))
    assert unknown is not None
    assert unknown.reason.startswith("variables make")
    assert found._nodes < 12 * MAX_NODES


def test_a_tree_that_variables_make_is_never_deeper_than_the_limit(tmp_path: Path) -> None:
    deep = "".join("{k: " for _ in range(20))
    lines = ["  a0: x"]
    lines += [f"  a{i}: {deep}'${{self:custom.a{i - 1}}}'{'}' * 20}" for i in range(1, 30)]
    found, _ = variables(tmp_path, "service: a\ncustom:\n" + "\n".join(lines) + "\n")
    tree, depth = found.config("custom", "a29"), 0
    while isinstance(tree, dict):
        tree, depth = tree["k"], depth + 1
    assert depth <= 100
    assert "levels" in _reason(tree)


_NAMES = st.sampled_from(["a", "b", "c", "d"])
_PARTS = st.one_of(
    st.just("x"),
    _NAMES.map(lambda name: "${self:custom." + name + "}"),
    _NAMES.map(lambda name: "${opt:" + name + ", self:custom." + name + "}"),
    _NAMES.map(lambda name: "${self:custom.${self:custom." + name + "}, 'end'}"),
    st.just("${ssm:/x}"),
    st.just("${opt:a, env:B, param:c}"),
    st.just("${file(a.js):x, file(b.yml):y, ssm:/z}"),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(custom=st.dictionaries(_NAMES, st.lists(_PARTS, min_size=1, max_size=3).map("".join), min_size=1))
def test_variables_in_circles_and_out_of_them_always_end(custom: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text(
        "service: a\ncustom:\n" + "".join(f'  {name}: "{text}"\n' for name, text in custom.items())
    )
    found = Variables(Documents(Disk(tmp_path)), "serverless.yml", Stated(), lambda *_: None)
    for name, text in custom.items():
        value = found.config("custom", name)
        if "${" not in text:
            assert value == text
        assert isinstance(value, (str, dict, Unknown))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(number=st.integers(), flag=st.booleans(), text=st.text(alphabet="abc-_. ", min_size=1, max_size=10))
def test_a_variable_alone_keeps_the_type_of_its_value(
    number: int, flag: bool, text: str, tmp_path: Path
) -> None:
    import json

    config = {
        "service": "a",
        "custom": {
            "n": number,
            "f": flag,
            "t": text,
            "all": ["${self:custom.n}", "${self:custom.f}", "${self:custom.t}"],
        },
    }
    (tmp_path / "serverless.json").write_text(json.dumps(config))
    found = Variables(Documents(Disk(tmp_path)), "serverless.json", Stated(), lambda *_: None)
    assert found.config("custom", "all") == [number, flag, text]
