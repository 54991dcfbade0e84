"""Plans in JSON as a source of their own."""

from __future__ import annotations

import json

import pytest
from tests.sources.terraform.roots import MemoryWorkspace

from stackworthy.core.value import Reference, Unknown
from stackworthy.sources.terraform.plan import load_plan


def resource(address, values, index=None, type_="aws_lambda_function", name="f"):
    found = {"address": address, "mode": "managed", "type": type_, "name": name, "values": values}
    return found if index is None else {**found, "index": index}


def change(address, unknown):
    return {"address": address, "change": {"actions": ["create"], "after_unknown": unknown}}


PLAN = {
    "format_version": "1.2",
    "variables": {"region": {"value": "eu-west-1"}, "n": {"value": None}},
    "planned_values": {
        "outputs": {"o": {"value": 3}, "u": {}},
        "root_module": {
            "resources": [
                resource(
                    "aws_lambda_function.f[0]",
                    {"memory_size": 128, "layers": [], "description": None, "environment": [{"variables": {"A": "1"}}]},
                    0,
                ),
                resource("aws_iam_role.r", {"name": "r"}, type_="aws_iam_role", name="r"),
            ],
            "child_modules": [
                {
                    "address": 'module.m["k"]',
                    "resources": [
                        resource('module.m["k"].aws_sqs_queue.q', {"name": "q"}, type_="aws_sqs_queue", name="q")
                    ],
                }
            ],
        },
    },
    "resource_changes": [
        change("aws_lambda_function.f[0]", {"arn": True, "role": True, "kms": True, "policy": True, "environment": [{"variables": {}}]}),
        change('module.m["k"].aws_sqs_queue.q', {"id": True, "kms_master_key_id": True, "redrive": True}),
    ],
    "prior_state": {
        "values": {
            "root_module": {
                "resources": [
                    {"address": "data.aws_region.r", "mode": "data", "type": "aws_region", "name": "r", "values": {"name": "eu-west-1"}}
                ]
            }
        }
    },
    "configuration": {
        "provider_config": {
            "aws": {"name": "aws", "expressions": {"region": {"references": ["var.region"]}}},
            "aws.u": {
                "name": "aws",
                "alias": "u",
                "expressions": {"region": {"constant_value": "us-east-1"}, "default_tags": [{"tags": {"constant_value": {"a": "b"}}}]},
            },
        },
        "root_module": {
            "resources": [
                {
                    "address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function", "name": "f",
                    "provider_config_key": "aws.u", "count_expression": {"constant_value": 1}, "depends_on": ["aws_iam_role.r"],
                    "expressions": {
                        "memory_size": {"constant_value": 128},
                        "role": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]},
                        "kms": {"references": ["aws_kms_key.a.arn", "aws_kms_key.a", "aws_kms_key.b.arn", "aws_kms_key.b"]},
                        "policy": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]},
                        "environment": [{"variables": {"references": ["aws_iam_role.r.name", "aws_iam_role.r"]}}],
                    },
                },
                {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r", "provider_config_key": "aws", "expressions": {"name": {"constant_value": "r"}}},
                {"address": "aws_x.off", "mode": "managed", "type": "aws_x", "name": "off", "count_expression": {"references": ["var.on"]}, "expressions": {}},
            ],
            "module_calls": {
                "m": {
                    "expressions": {"key": {"references": ["aws_iam_role.r.unique_id", "aws_iam_role.r"]}},
                    "module": {
                        "resources": [
                            {
                                "address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q", "provider_config_key": "aws",
                                "expressions": {"kms_master_key_id": {"references": ["var.key"]}, "redrive": {"references": ["module.inner.arn", "module.inner"]}},
                            }
                        ],
                        "module_calls": {"inner": {"module": {"outputs": {"arn": {"expression": {"references": ["local.x"]}}}}}},
                    },
                }
            },
        },
    },
}  # fmt: skip


def plan(content):
    text = content if isinstance(content, (str, bytes)) else json.dumps(content, indent=1)
    return load_plan(MemoryWorkspace({"p/plan.json": text}), "p/plan.json")


def blocks(root):
    return {block.address: block for block in root.blocks}


def test_planned_values_are_attributes_and_what_is_not_stated_is_absent():
    root = plan(PLAN)
    f = blocks(root)["aws_lambda_function.f[0]"]
    assert (f.mode, f.type, f.name, f.key, f.module, f.present) == (
        "managed",
        "aws_lambda_function",
        "f",
        0,
        "",
        True,
    )
    assert set(f.attributes) == {"memory_size", "environment", "role", "kms", "policy"}
    assert f.attributes["memory_size"] == 128
    assert f.attributes["environment"] == [{"variables": {"A": "1"}}]
    assert root.outputs["o"] == 3
    assert isinstance(root.outputs["u"], Unknown)


def test_the_one_resource_that_the_configuration_names_is_referred_to():
    attributes = blocks(plan(PLAN))["aws_lambda_function.f[0]"].attributes
    assert attributes["role"] == Reference("aws_iam_role.r", "arn")
    assert isinstance(attributes["kms"], Unknown)
    assert isinstance(attributes["policy"], Unknown)


def test_names_are_followed_through_modules():
    root = plan(PLAN)
    q = blocks(root)['module.m["k"].aws_sqs_queue.q']
    assert q.module == 'module.m["k"]'
    assert q.attributes["kms_master_key_id"] == Reference("aws_iam_role.r", "unique_id")
    assert isinstance(q.attributes["redrive"], Unknown)
    assert root.refers_to(q, ("kms_master_key_id",)) == Reference("aws_iam_role.r", "unique_id")


def test_providers_and_meta_arguments_come_from_the_configuration():
    found = blocks(plan(PLAN))
    f = found["aws_lambda_function.f[0]"]
    assert (f.region, f.provider.alias, f.provider.default_tags) == ("us-east-1", "u", {"a": "b"})
    assert found["aws_iam_role.r"].region == "eu-west-1"
    assert f.meta == {"depends_on": ["aws_iam_role.r"]}


def test_a_block_of_which_nothing_is_planned_is_not_there():
    off = blocks(plan(PLAN))["aws_x.off"]
    assert (off.present, off.when.expression) == (False, "count var.on")


def test_data_sources_come_from_the_prior_state():
    assert blocks(plan(PLAN))["data.aws_region.r"].attributes == {"name": "eu-west-1"}


def test_places_are_places_in_the_plan():
    text = json.dumps(PLAN, indent=1)
    root = plan(text)
    f = blocks(root)["aws_lambda_function.f[0]"]
    span = root.span(root.origin(f, ("environment", 0, "variables", "A")))
    assert text[span.start_byte : span.end_byte] == '"1"'
    assert text.split("\n")[span.line - 1].strip() == '"A": "1"'
    assert root.trail(f, ("memory_size",)) == ()


def test_marks_of_the_plan_make_values_sensitive():
    content = json.loads(json.dumps(PLAN))
    content["planned_values"]["root_module"]["resources"][0]["sensitive_values"] = {
        "environment": [{"variables": True}]
    }
    root = plan(content)
    f = blocks(root)["aws_lambda_function.f[0]"]
    assert root.is_sensitive(f, ("environment", 0, "variables", "A"))
    assert not root.is_sensitive(f, ("memory_size",))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"planned_values": 3}',
        "\0",
        "[" * 100_000,
        b"\xff",
        '{"planned_values": {"root_module": {"resources": 3}}}',
    ],
    ids=range(8),
)
def test_a_file_that_is_no_plan_is_said(content):
    root = plan(content)
    assert root.blocks == []
    assert len(root.diagnostics) == 1 or content.endswith("3}}}")


def test_a_plan_that_is_not_there_is_said():
    root = load_plan(MemoryWorkspace({}), "plan.json")
    assert [d.message for d in root.diagnostics] == ["does not exist"]


@pytest.mark.parametrize("path", [(), ("planned_values",), ("configuration",), ("resource_changes",), ("prior_state",), ("variables",),
                                  ("planned_values", "root_module"), ("configuration", "root_module"), ("configuration", "provider_config"),
                                  ("planned_values", "root_module", "resources"), ("configuration", "root_module", "resources"),
                                  ("configuration", "root_module", "module_calls"), ("planned_values", "root_module", "child_modules"),
                                  ("planned_values", "outputs")])  # fmt: skip
@pytest.mark.parametrize("wrong", [None, 3, "x", [], {}, [3, "x", None, []], {"a": 3, "b": [], "c": None}])
def test_parts_of_the_wrong_shape_are_no_crash(path, wrong):
    content = json.loads(json.dumps(PLAN))
    if path:
        target = content
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = wrong
    else:
        content = wrong
    root = plan(content)
    for block in root.blocks:
        assert block.attributes is not None
        assert block.provider is not None
        found = root.refers_to(block, ("role", 0))
        assert found is None or isinstance(found, Reference)
        assert root.span(root.origin(block, ("role", 0))) is not None
