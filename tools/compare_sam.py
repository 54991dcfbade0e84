"""Compare our SAM transform with aws-sam-translator on every template of a folder.

    compare_sam.py FOLDER [--show NAME] [--json] [--region REGION] [--package] [--cache FILE] [--limit N]

Prints the share of templates whose expansion is wholly equal, the share of equal resources, and the differences grouped by
cause. Templates that the translator itself refuses are counted apart. The logical id of an API deployment ends in a
hash of the API's body; figures are given with those hashes as they are and with them masked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from stackworthy.aws.partitions import partition_of
from stackworthy.sources.cloudformation.sam.expand import expand

PARAMETERS = {"param1": "value1", "param2": "value2"}
"""The parameter values that the translator's own tests pass."""

POLICIES = {
    "AWSLambdaBasicExecutionRole": "service-role/AWSLambdaBasicExecutionRole",
    "AmazonDynamoDBFullAccess": "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess": "AmazonDynamoDBReadOnlyAccess",
    "AWSLambdaRole": "service-role/AWSLambdaRole",
}
"""The managed policies that the translator's own tests know."""

API = re.compile(r'"AWS::Serverless::(Api|HttpApi|WebSocketApi|GraphQLApi)"|"Type": "(Api|HttpApi)"')
REPOSITORY_URL = "https://awsserverlessrepo-changesets-xxx.s3.amazonaws.com/signed-url"
"""Stands for the answer of the Serverless Application Repository, which a review does not ask; left out of the comparison."""

DEPLOYMENT_HASH = re.compile(r"\b(\w*Deployment)[0-9a-f]{10}\b|(deployment id: )[0-9a-f]{40}")


class _Loader(yaml.CSafeLoader):
    """Safe loading that writes CloudFormation's short tags in their long form."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _tagged)


@dataclass
class Outcome:
    """What the comparison of one template found. `equal` counts resources; `differences` are pairs of cause and detail."""

    name: str
    with_api: bool
    refused: str | None = None
    resources: int = 0
    equal: int = 0
    differences: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


def load(text: str) -> Any:
    """A template as plain data, or None where it is not one that uses SAM."""
    try:
        loaded = yaml.load(text, Loader=_Loader)
        plain = json.loads(json.dumps(loaded, default=str))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, AttributeError):
        return None
    if not isinstance(plain, dict) or not isinstance(plain.get("Resources"), dict):
        return None
    return plain


LOCAL = {
    "AWS::Serverless::Function": ("CodeUri", "s3://bucket/code"),
    "AWS::Serverless::LayerVersion": ("ContentUri", "s3://bucket/layer"),
    "AWS::Serverless::StateMachine": ("DefinitionUri", "s3://bucket/definition"),
    "AWS::Serverless::Api": ("DefinitionUri", "s3://bucket/api"),
    "AWS::Serverless::HttpApi": ("DefinitionUri", "s3://bucket/api"),
    "AWS::Serverless::GraphQLApi": ("SchemaUri", "s3://bucket/schema"),
}
"""The property of each kind that may name a local file until a template is packaged."""


def package(template: Any) -> None:
    """Replace local paths by places in a bucket, as `sam package` does before the translator sees a template."""
    sections = template.get("Globals")
    shared = sections.get("Function") if isinstance(sections, dict) else None
    if isinstance(shared, dict) and isinstance(shared.get("CodeUri"), str) and "://" not in shared["CodeUri"]:
        shared["CodeUri"] = "s3://bucket/code"
    for resource in template["Resources"].values():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if not isinstance(properties, dict) or not isinstance(kind, str) or kind not in LOCAL:
            continue
        name, place = LOCAL[kind]
        stated = properties.get(name)
        if isinstance(stated, str) and "://" not in stated:
            properties[name] = f"{place}/{hashlib.sha256(stated.encode()).hexdigest()[:8]}"
        if kind == "AWS::Serverless::Function":
            image = "Image" in (properties.get("PackageType"), (shared or {}).get("PackageType"))
            if image:
                properties.setdefault("ImageUri", "123456789012.dkr.ecr.us-east-1.amazonaws.com/image")
            elif "InlineCode" not in properties and "CodeUri" not in (shared or {}):
                properties.setdefault("CodeUri", place)


def templates(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.rglob("*")):
        if (
            path.suffix not in (".yaml", ".yml", ".json")
            or not path.is_file()
            or "node_modules" in path.parts
        ):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if "AWS::Serverless::" in text or '"Connectors"' in text or "Connectors:" in text:
            template = load(text)
            if template is not None:
                yield str(path.relative_to(folder)), template


def translate(template: Any, region: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """What aws-sam-translator makes of a template. Raises what the translator raises."""
    from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin
    from samtranslator.translator import arn_generator
    from samtranslator.translator.transform import transform

    class Policies:
        def load(self) -> dict[str, str]:
            return managed_policies(partition_of(region))

    def application(_self: Any, _call: Any, _logical_id: str, *args: Any) -> dict[str, Any]:
        answer = {"SemanticVersion": "1.1.1", "Status": "ACTIVE", "TemplateUrl": REPOSITORY_URL}
        return {"ApplicationId": args[0], **answer}

    arn_generator._get_region_from_session.cache_clear()
    arn_generator._region_to_partition.cache_clear()
    with (
        patch.dict(os.environ, {"AWS_DEFAULT_REGION": region, "AWS_REGION": region}),
        patch.object(ServerlessAppPlugin, "_sar_service_call", application),
    ):
        done: dict[str, Any] = transform(json.loads(json.dumps(template)), dict(parameters), Policies())  # type: ignore[arg-type]
    return done


def managed_policies(partition: str) -> dict[str, str]:
    known = dict(POLICIES)
    name = "AWSXrayWriteOnlyAccess" if partition == "aws" else "AWSXRayDaemonWriteAccess"
    known[name] = name
    return {name: f"arn:{partition}:iam::aws:policy/{path}" for name, path in known.items()}


class Oracle:
    """The translator's answers, kept in a file between runs where one is named. An answer is (template, refusal)."""

    def __init__(
        self, region: str, cache: Path | None = None, parameters: dict[str, Any] | None = None
    ) -> None:
        self.region = region
        self.parameters = PARAMETERS if parameters is None else parameters
        self.cache = cache
        self.known: dict[str, Any] = json.loads(cache.read_text()) if cache and cache.exists() else {}

    def ask(self, template: Any) -> tuple[Any, str | None]:
        text = json.dumps([template, self.region, self.parameters], sort_keys=True)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self.known:
            self.known[key] = self._ask(template)
        answer, refusal = self.known[key]
        return answer, refusal

    def _ask(self, template: Any) -> tuple[Any, str | None]:
        from samtranslator.model.exceptions import InvalidDocumentException

        try:
            return translate(template, self.region, self.parameters), None
        except InvalidDocumentException as refusal:
            return None, refusal.message + " " + "; ".join(str(cause.message) for cause in refusal.causes)
        except Exception as crash:  # noqa: BLE001 - the translator crashes on odd input in many ways
            return None, f"crashed: {type(crash).__name__}: {crash}"

    def save(self) -> None:
        if self.cache:
            self.cache.write_text(json.dumps(self.known))


def compare(name: str, template: Any, oracle: Oracle) -> tuple[Outcome, Outcome]:
    """The outcome with hashes as they are, and the outcome with the hashes of deployments masked."""
    expected, refusal = oracle.ask(template)
    policies = managed_policies(partition_of(oracle.region))
    before = json.dumps(template)
    started = time.perf_counter()
    ours = expand(template, oracle.parameters, region=oracle.region, managed_policies=policies)
    seconds = time.perf_counter() - started
    problems = [f"{'.'.join(map(str, route))}: {message}" for route, message in ours.problems]
    got = {
        "Resources": ours.resources,
        "Conditions": {**(template.get("Conditions") or {}), **ours.conditions},
        "Outputs": ours.outputs,
    }
    outcomes = []
    for exact in (True, False):
        outcome = Outcome(name, bool(API.search(before)), refusal, problems=problems, seconds=seconds)
        if json.dumps(template) != before:
            outcome.differences.append(("our input was changed", name))
        if expected is not None:
            wanted = {key: expected.get(key) or {} for key in got}
            _judge(outcome, _plain(wanted, exact), _plain(got, exact))
        outcomes.append(outcome)
    return outcomes[0], outcomes[1]


def _plain(sections: dict[str, Any], exact: bool) -> dict[str, Any]:
    text = json.dumps(sections, sort_keys=True, default=str)
    if not exact:
        text = DEPLOYMENT_HASH.sub(lambda match: (match.group(1) or match.group(2)) + "HASH", text)
    plain: dict[str, Any] = json.loads(text)
    for condition in (plain.get("Conditions") or {}).values():
        # The translator takes these from a set, so that their order changes from run to run.
        if isinstance(condition, dict) and isinstance(condition.get("Fn::Or"), list):
            condition["Fn::Or"].sort(key=str)
    for resource in (plain.get("Resources") or {}).values():
        if isinstance(resource, dict) and isinstance(resource.get("DependsOn"), list):
            resource["DependsOn"] = sorted(resource["DependsOn"], key=str)
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if isinstance(properties, dict) and properties.get("TemplateURL") == REPOSITORY_URL:
            del properties["TemplateURL"]
    return plain


def _judge(outcome: Outcome, wanted: dict[str, Any], got: dict[str, Any]) -> None:
    expected, made = wanted["Resources"], got["Resources"]
    outcome.resources = len(expected)
    for logical_id, resource in expected.items():
        kind = resource.get("Type") if isinstance(resource, dict) else "?"
        if logical_id not in made:
            outcome.differences.append((f"{kind} missing", logical_id))
        elif made[logical_id] == resource:
            outcome.equal += 1
        else:
            path, detail = first_difference(resource, made[logical_id])
            cause = re.sub(r"\d+", "N", ".".join(path[:5]))
            outcome.differences.append(
                (f"{kind} differs at {cause}", f"{logical_id}.{'.'.join(path)}: {detail}")
            )
    for logical_id in made.keys() - expected.keys():
        outcome.differences.append((f"{made[logical_id].get('Type')} too many", logical_id))
    for section in ("Conditions", "Outputs"):
        if (wanted[section] or {}) != (got[section] or {}):
            path, detail = first_difference(wanted[section] or {}, got[section] or {})
            outcome.differences.append((f"{section} differ", f"{'.'.join(path)}: {detail}"))


def first_difference(wanted: Any, got: Any, path: tuple[str, ...] = ()) -> tuple[tuple[str, ...], str]:
    """The way to the first place where two values differ, and what stands there."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(wanted.keys() | got.keys()):
            if key not in got:
                return (*path, key), f"missing, should be {_short(wanted[key])}"
            if key not in wanted:
                return (*path, key), f"too much: {_short(got[key])}"
            if wanted[key] != got[key]:
                return first_difference(wanted[key], got[key], (*path, key))
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
            if one != other:
                return first_difference(one, other, (*path, str(index)))
    return path, f"should be {_short(wanted)}, is {_short(got)}"


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 300 else text[:300] + "…"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({100 * part / whole:.1f} %)" if whole else "0/0"


def report(outcomes: list[Outcome], masked: list[Outcome]) -> dict[str, Any]:
    """The figures; templates that the translator refuses are left out of the shares."""
    figures: dict[str, Any] = {
        "templates": len(outcomes),
        "refused": sum(o.refused is not None for o in outcomes),
    }
    for label, found in (("exact hashes", outcomes), ("masked hashes", masked)):
        valid = [o for o in found if o.refused is None]
        for group, members in (
            ("all", valid),
            ("without APIs", [o for o in valid if not o.with_api]),
            ("with APIs", [o for o in valid if o.with_api]),
        ):
            figures[f"{label}, {group}"] = {
                "equal templates": _share(sum(not o.differences for o in members), len(members)),
                "equal resources": _share(sum(o.equal for o in members), sum(o.resources for o in members)),
            }
    causes: dict[str, list[str]] = defaultdict(list)
    for outcome in masked:
        for cause, detail in outcome.differences:
            causes[cause].append(f"{outcome.name}: {detail}")
    figures["causes"] = dict(sorted(causes.items(), key=lambda item: (-len(item[1]), item[0])))
    figures["refused by the translator, accepted here"] = sorted(
        f"{o.name}: {(o.refused or '')[:200]}" for o in outcomes if o.refused is not None and not o.problems
    )
    figures["accepted by the translator, problems here"] = {
        o.name: o.problems for o in outcomes if o.refused is None and o.problems
    }
    return figures


def _print(figures: dict[str, Any], limit: int) -> None:
    for key, value in figures.items():
        if key == "causes":
            print("\ndifferences by cause (hashes masked):")
            for cause, found in value.items():
                print(f"  {len(found):4} {cause}")
                for line in found[:limit]:
                    print(f"         {line[:220]}")
        elif isinstance(value, list):
            print(f"\n{key}: {len(value)}")
            for line in value[: 4 * limit]:
                print(f"  {line}")
        elif key.startswith("accepted by"):
            print(f"\n{key}: {len(value)}")
            for name, problems in list(value.items())[: 4 * limit]:
                print(f"  {name}: {problems[0]}")
        elif isinstance(value, dict):
            print(f"{key:28} templates {value['equal templates']:22} resources {value['equal resources']}")
        else:
            print(f"{key:28} {value}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--show", metavar="NAME", help="print every difference of the templates whose name contains NAME"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--region", default="ap-southeast-1")
    parser.add_argument(
        "--package", action="store_true", help="replace local paths first, as sam package does"
    )
    parser.add_argument("--cache", type=Path, help="a file that keeps the translator's answers between runs")
    parser.add_argument("--limit", type=int, default=3, help="examples per cause")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    oracle = Oracle(options.region, options.cache)
    outcomes: list[Outcome] = []
    masked: list[Outcome] = []
    for name, template in templates(options.folder):
        if options.show and options.show not in name:
            continue
        if options.package:
            package(template)
        exact, loose = compare(name, template, oracle)
        outcomes.append(exact)
        masked.append(loose)
    oracle.save()
    if options.show:
        for outcome in outcomes:
            print(
                outcome.name,
                f"refused: {outcome.refused}"
                if outcome.refused
                else _share(outcome.equal, outcome.resources),
            )
            for cause, detail in outcome.differences:
                print(f"  {cause}\n      {detail}")
            for problem in outcome.problems:
                print(f"  problem: {problem}")
        return 0
    figures = report(outcomes, masked)
    if options.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
    else:
        _print(figures, options.limit)
        times = sorted(outcome.seconds for outcome in outcomes)
        if times:
            middle = times[len(times) // 2]
            print(
                f"\nexpand: {1000 * sum(times):.0f} ms in total, median {1000 * middle:.2f} ms, max {1000 * times[-1]:.1f} ms"
            )
            slow = Counter({outcome.name: outcome.seconds for outcome in outcomes}).most_common(3)
            print("slowest: " + ", ".join(f"{name} {1000 * seconds:.1f} ms" for name, seconds in slow))
    return 0


if __name__ == "__main__":
    sys.exit(main())
