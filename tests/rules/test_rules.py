"""Every rule, by its own examples: `bad` is found, `good` is not, the fix mends it, and the unknown is never a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.changes import changed
from tests.support.templates import code_of, graph_of_resources, maybe, resources

from stackworthy.aws import runtimes
from stackworthy.aws.schemas import schema
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Safety, Unsafe
from stackworthy.core.graph import Graph
from stackworthy.core.path import Selector, parse
from stackworthy.core.resource import Resource
from stackworthy.core.rule import RECOMMENDED, STRICT, Code, Example, Kinds, Relation, Rule, Stack
from stackworthy.core.value import Unknown
from stackworthy.core.verdict import State
from stackworthy.judge.engine import Outcome, RuleSet, outcomes
from stackworthy.judge.records import message
from stackworthy.rules import MODULES, all_rules, rule_named, rules_equivalent, rules_for, rules_in

RULES = all_rules()
ABOUT_LITERALS = {"secret-in-environment"}  # what is not known is no literal: it passes
ONE_LANGUAGE: frozenset[str] = frozenset()  # rules on what only one of the languages has
Key = tuple[str, str, str]

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
every_fixing_rule = pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.fix_safety not in (None, Safety.MANUAL)],
    ids=lambda rule: rule.id,
)
every_safely_fixing_rule = pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.fix_safety is Safety.SAFE], ids=lambda rule: rule.id
)


@pytest.fixture(autouse=True)
def _the_day_the_runtimes_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "today", runtimes.as_of)


def examples(given: Any) -> tuple[str | Example, ...]:
    return given if isinstance(given, tuple) else (given,)


def judged(rule: Rule, found: Graph) -> list[Outcome]:
    return list(outcomes(found, RuleSet.of([rule])))


def findings(rule: Rule, found: Graph) -> list[Finding]:
    return [finding for outcome in judged(rule, found) for finding in outcome.findings]


def key(rule: Rule, finding: Finding) -> Key:
    return (rule.id, finding.resource.address, finding.property)


def all_keys(found: Graph) -> set[Key]:
    rules = [rule for module in rules_for(found.kinds(), code=True) for rule in rules_in(module)]
    return {
        key(outcome.rule, finding)
        for outcome in outcomes(found, RuleSet.of(rules))
        for finding in outcome.findings
    }


@every_rule
def test_a_rule_says_what_it_is(rule: Rule) -> None:
    first, *_ = rule.explanation.splitlines()
    assert first.endswith((".", "?"))
    assert first[0].isupper() or first[0].isdigit()
    assert ". " not in first.removesuffix(".")
    assert isinstance(rule.pillar, Pillar)
    assert isinstance(rule.severity, Severity)
    assert rule.profile in (RECOMMENDED, STRICT)
    assert rule.message
    assert not rule.message.endswith(".")
    assert rule.references
    assert all(url.startswith("https://docs.aws.amazon.com/") for url in rule.references)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id)


@every_rule
def test_every_bad_example_is_found(rule: Rule) -> None:
    for example in examples(rule.bad):
        found = findings(rule, graph_of_resources(example))
        assert found, example
        for finding in found:
            text = message(rule, finding.evidence)
            assert "{" not in text.replace("${", "")
            assert "None" not in text
            assert "absent" not in text


@every_rule
def test_a_rule_on_code_has_bad_and_good_examples_in_python_and_typescript(rule: Rule) -> None:
    if isinstance(rule.on, Code):
        for given in (rule.bad, rule.good):
            languages = {example.language for example in examples(given) if isinstance(example, Example)}
            assert languages == {"python", "typescript"} or rule.id in ONE_LANGUAGE


@every_rule
def test_no_good_example_is_found_and_each_is_assessed(rule: Rule) -> None:
    for example in examples(rule.good):
        states = [outcome.state for outcome in judged(rule, graph_of_resources(example))]
        assert states, "the rule has nothing to judge here"
        assert set(states) == {State.PASS}


@every_rule
def test_examples_speak_of_properties_that_exist(rule: Rule) -> None:
    for example in (*examples(rule.bad), *examples(rule.good)):
        for address, body in resources(example).items():
            known = schema(body["Type"])
            assert known is not None, address
            assert set(body) <= {"Type", "Properties", "Condition", "DeletionPolicy", "UpdateReplacePolicy"}
            for path in _paths(body.get("Properties") or {}):
                assert known.has(path), f"{address}: {path}"


def _paths(value: Any, before: str = "") -> Iterator[str]:
    if isinstance(value, dict) and not _is_intrinsic(value):
        for name, item in value.items():
            path = f"{before}.{name}" if before else name
            yield path
            yield from _paths(item, path)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, f"{before}[]")


def _is_intrinsic(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


@every_rule
def test_a_finding_names_a_property_that_exists(rule: Rule) -> None:
    for example in examples(rule.bad):
        for finding in findings(rule, graph_of_resources(example)):
            for place in [
                (finding.resource, "" if finding.code else finding.property),
                *((p.resource, p.property) for p in finding.also),
            ]:
                resource, path = place
                if path:
                    known = schema(resource.kind or "")
                    assert known is not None
                    assert known.has(path), path


@every_rule
def test_a_declared_fix_is_offered_with_the_declared_safety(rule: Rule) -> None:
    for example in examples(rule.bad):
        for finding in findings(rule, graph_of_resources(example)):
            fix = rule.fix(finding)
            if rule.fix_safety is None:
                assert fix is None
            elif isinstance(rule.fix_safety, Unsafe):
                assert fix is not None
                assert fix.safety is Safety.UNSAFE
                assert fix.why == rule.fix_safety.why
                assert fix.changes
            else:
                assert fix is not None
                assert fix.safety is rule.fix_safety
                assert bool(fix.steps) == (fix.safety is Safety.MANUAL)
                assert bool(fix.changes) == (fix.safety is Safety.SAFE)


@every_fixing_rule
def test_a_fix_removes_its_finding_and_brings_up_no_other(rule: Rule) -> None:
    for example in examples(rule.bad):
        data, code = resources(example), code_of(example)
        for _ in range(20):
            graph = graph_of_resources(data, code)
            found = findings(rule, graph)
            if not found:
                break
            before = all_keys(graph)
            fix = rule.fix(found[0])
            assert fix is not None
            data = changed(data, fix.changes)
            after = all_keys(graph_of_resources(data, code))
            assert key(rule, found[0]) not in after
            assert {one for one in after - before if not _strict_about_what_is_new(one, graph)} == set()
        assert not findings(rule, graph_of_resources(data, code))


def _strict_about_what_is_new(found: Key, before: Graph) -> bool:
    """Whether it is opinionated advice about a resource that the fix itself adds."""
    rule = rule_named(found[0])
    return rule is not None and rule.profile == STRICT and found[1] not in before.resources


@every_fixing_rule
def test_a_fix_carried_out_twice_changes_nothing_more(rule: Rule) -> None:
    for example in examples(rule.bad):
        data = resources(example)
        fix = rule.fix(findings(rule, graph_of_resources(example))[0])
        assert fix is not None
        changes = [change for change in fix.changes if hasattr(change, "path")]
        once = changed(data, changes)
        assert changed(once, changes) == once


@every_safely_fixing_rule
def test_a_safe_fix_never_replaces_a_resource(rule: Rule) -> None:
    for example in examples(rule.bad):
        for finding in findings(rule, graph_of_resources(example)):
            fix = rule.fix(finding)
            assert fix is not None
            for change in fix.changes:
                resource: Resource | None = getattr(change, "resource", None)
                if resource is not None:
                    known = schema(resource.kind or "")
                    assert known is not None
                    assert not known.is_create_only(change.path)  # type: ignore[union-attr]


@every_rule
def test_what_a_finding_rests_on_made_unknown_in_the_template_is_no_finding(rule: Rule) -> None:
    for example in examples(rule.bad):
        data, code = resources(example), code_of(example)
        for finding in findings(rule, graph_of_resources(data, code)):
            for address, path in _rests_on(finding):
                unknown = changed(data, ())
                _make_unknown(unknown[address], path)
                again = judged(rule, graph_of_resources(unknown, code))
                assert key(rule, finding) not in {key(rule, f) for o in again for f in o.findings}, path
                if rule.id not in ABOUT_LITERALS and not any(outcome.findings for outcome in again):
                    assert State.NOT_ASSESSED in {outcome.state for outcome in again}, path


@every_rule
def test_what_a_finding_rests_on_assumed_unknown_is_no_finding(rule: Rule) -> None:
    for example in examples(rule.bad):
        for finding in findings(rule, graph_of_resources(example)):
            for address, path in _rests_on(finding):
                graph = graph_of_resources(example)
                graph[address].assume(path, Unknown("the test says so"))
                again = judged(rule, graph)
                assert key(rule, finding) not in {key(rule, f) for o in again for f in o.findings}, path


def _rests_on(finding: Finding) -> Iterator[tuple[str, str]]:
    """The properties that the finding names: its own, those of its other places, and those among its evidence."""
    if finding.property and finding.code is None:
        yield finding.resource.address, finding.property
    known = schema(finding.resource.kind or "")
    for name in (finding.evidence.get("property"), finding.evidence.get("path")):
        if isinstance(name, str) and known is not None and known.has(name):
            yield finding.resource.address, name
    for place in finding.also:
        if place.property:
            yield place.resource.address, place.property


def _make_unknown(body: dict[str, Any], path: str) -> None:
    if not body.get("Properties"):
        body["Properties"] = {}
    place: Any = body["Properties"]
    segments = parse(path)
    for segment, following in zip(segments, [*segments[1:], None], strict=True):
        at: Any = segment
        if isinstance(segment, Selector):
            at = next(index for index, item in enumerate(place) if item.get(segment.key) == segment.value)
        if following is None:
            place[at] = maybe({"Ref": "Unknown"})
        elif isinstance(place, dict) and at not in place:
            place[at] = {} if isinstance(following, str) else []
        elif isinstance(place[at], dict) and _is_intrinsic(place[at]):
            place[at] = maybe({"Ref": "Unknown"})
            return
        if following is not None:
            place = place[at]


@every_rule
def test_a_rule_judges_kinds_that_its_module_is_loaded_for(rule: Rule) -> None:
    module = next(name for name in MODULES if rule in rules_in(name))
    on = rule.on
    if isinstance(on, Code):
        assert module in rules_for([], code=True)
        return
    if isinstance(on, Relation):
        kinds = [{on.source, on.target}]
    elif isinstance(on, Stack):
        kinds = [{kind} for kind in on.kinds]
    else:
        kinds = [{kind} for kind in (on.kinds if isinstance(on, Kinds) else (on,))]
    for either in kinds:
        assert any(module in rules_for([kind]) for kind in either)


def test_ids_and_former_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    aliases = [alias for rule in RULES for alias in rule.aliases]
    assert len({*ids, *aliases}) == len(ids) + len(aliases)


def test_every_module_is_listed_and_none_is_empty() -> None:
    from pathlib import Path

    import stackworthy.rules

    files = {path.stem for path in Path(stackworthy.rules.__file__).parent.glob("*.py")}
    assert {name for name in files if not name.startswith("_")} == set(MODULES)
    assert all(rules_in(name) for name in MODULES)


def test_a_rule_is_found_by_its_id_and_by_the_ids_of_other_scanners() -> None:
    for rule in RULES:
        assert rule_named(rule.id) is rule
        for identifier in rule.equivalents:
            assert rule in rules_equivalent(identifier)
            assert re.fullmatch(
                r"CKV2?_AWS_\d+|AVD-AWS-\d{4}|[WF]\d+|[EW]25\d\d|[A-Z][A-Za-z0-9]+\.\d+", identifier
            ), identifier
