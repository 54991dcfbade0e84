"""A rule is tested by its own examples: `bad` is found, `good` is not, the fix mends it, and the unknown is never a fault.

Each check yields what is wrong, in a sentence. The tests of the built-in rules and `stackworthy test-rules` run the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from stackworthy.aws.schemas import schema
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Safety, Unsafe
from stackworthy.core.graph import Graph
from stackworthy.core.path import Selector, parse
from stackworthy.core.resource import Resource
from stackworthy.core.rule import RECOMMENDED, STRICT, Example, Rule
from stackworthy.core.value import Unknown
from stackworthy.core.verdict import State
from stackworthy.judge.engine import Outcome, RuleSet, outcomes
from stackworthy.judge.example_changes import changed, rewritten
from stackworthy.judge.example_stacks import code_of, graph_of_resources, maybe, resources
from stackworthy.judge.records import message
from stackworthy.rules import rule_named, rules_for, rules_in

Key = tuple[str, str, str]
Check = Callable[[Rule], Iterator[str]]
ABOUT_LITERALS = frozenset({"secret-in-environment"})
"""What is not known is no literal: for these it passes."""
BODY = {"Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"}


def examples(given: Any) -> tuple[str | Example, ...]:
    """The examples that a rule gives as one or as several."""
    return given if isinstance(given, tuple) else (given,)


def judged(rule: Rule, found: Graph) -> list[Outcome]:
    """What the rule says of a graph."""
    return list(outcomes(found, RuleSet.of([rule])))


def findings(rule: Rule, found: Graph) -> list[Finding]:
    """What the rule finds on a graph."""
    return [finding for outcome in judged(rule, found) for finding in outcome.findings]


def key(rule: Rule, finding: Finding) -> Key:
    """What tells a finding from others."""
    return (rule.id, finding.resource.address, finding.property)


def says_what_it_is(rule: Rule) -> Iterator[str]:
    """Explanation, pillar, severity, message, id."""
    first, *_ = rule.explanation.splitlines() or [""]
    if not first.endswith((".", "?")) or not (first[0].isupper() or first[0].isdigit()):
        yield "the first line of its docstring is no sentence"
    if ". " in first.removesuffix("."):
        yield "the first line of its docstring is more than one sentence"
    for name, kind in (("pillar", Pillar), ("severity", Severity)):
        if not isinstance(getattr(rule, name, None), kind):
            yield f"{name} is no {kind.__name__}"
    if rule.profile not in (RECOMMENDED, STRICT):
        yield f"profile is neither {RECOMMENDED} nor {STRICT}"
    told = getattr(rule, "message", "")
    if not told or told.endswith("."):
        yield "message is empty or ends in a full stop"
    if not all(url.startswith("https://") for url in getattr(rule, "references", ())):
        yield "references are addresses that begin with https://"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id):
        yield f"its id {rule.id} is not two or more words: name the class after the fault"
    for name in ("bad", "good"):
        if not getattr(rule, name, None):
            yield f"it has no {name} example"


def bad_is_found(rule: Rule) -> Iterator[str]:
    """Every bad example has a finding, and its message is complete."""
    for number, example in enumerate(examples(rule.bad), 1):
        found, reasons = _outcome(rule, graph_of_resources(example))
        if not found:
            yield f"bad example {number} is not found{reasons}"
        for finding in found:
            text = message(rule, finding.evidence)
            if "{" in text.replace("${", "") or "None" in text or "absent" in text:
                yield f"bad example {number}: the message has gaps: {text}"


def _outcome(rule: Rule, graph: Graph) -> tuple[list[Finding], str]:
    """The findings, and why there may be none."""
    made = judged(rule, graph)
    reasons = ", ".join(sorted({outcome.reason for outcome in made if outcome.reason}))
    why = f": not assessed, {reasons}" if reasons else "" if made else ": the rule has nothing to judge here"
    return [finding for outcome in made for finding in outcome.findings], why


def good_is_not_found(rule: Rule) -> Iterator[str]:
    """Every good example is judged, and passes."""
    for number, example in enumerate(examples(rule.good), 1):
        made = judged(rule, graph_of_resources(example))
        if not made:
            yield f"good example {number}: the rule has nothing to judge here"
        for outcome in made:
            if outcome.state is not State.PASS:
                yield f"good example {number}: {outcome.address or 'the stack'}: {_told(rule, outcome)}"


def _told(rule: Rule, outcome: Outcome) -> str:
    if outcome.findings:
        return f"is found: {message(rule, outcome.findings[0].evidence)}"
    return f"is not assessed: {outcome.reason}"


def examples_speak_of_what_exists(rule: Rule) -> Iterator[str]:
    """Kinds and properties of the examples stand in AWS's schemas."""
    for example in (*examples(rule.bad), *examples(rule.good)):
        for address, body in resources(example).items():
            known = schema(body["Type"])
            if known is None:
                yield f"{address}: there is no kind {body['Type']}"
                continue
            if not set(body) <= BODY:
                yield f"{address}: {', '.join(sorted(set(body) - BODY))} is no part of a resource here"
            for path in _paths(body.get("Properties") or {}):
                if not known.has(path):
                    yield f"{address}: {body['Type']} has no {path}"


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


def findings_name_what_exists(rule: Rule) -> Iterator[str]:
    """The property of a finding, and those of its other places, stand in AWS's schemas."""
    for example in examples(rule.bad):
        for finding in findings(rule, graph_of_resources(example)):
            own = "" if finding.code else finding.property
            for resource, path in [
                (finding.resource, own),
                *((p.resource, p.property) for p in finding.also),
            ]:
                known = schema(resource.kind or "") if path else None
                if path and (known is None or not known.has(path)):
                    yield f"a finding names {path}, which {resource.kind} has not"


def fix_is_as_declared(rule: Rule) -> Iterator[str]:
    """A fix is offered when `fix_safety` declares one, and is as safe as that."""
    for example in examples(rule.bad):
        for finding in findings(rule, graph_of_resources(example)):
            fix, declared = rule.fix(finding), rule.fix_safety
            if fix is None or declared is None:
                if (fix is None) != (declared is None):
                    yield "a fix is declared (fix_safety) and none is given, or the other way round"
            elif isinstance(declared, Unsafe):
                if fix.safety is not Safety.UNSAFE or fix.why != declared.why or not fix.changes:
                    yield "the fix is not the unsafe one that is declared"
            elif (
                fix.safety is not declared
                or bool(fix.steps) != (declared is Safety.MANUAL)
                or bool(fix.changes) != (declared is Safety.SAFE)
            ):
                yield f"the fix is not the {declared.value} one that is declared"


def _fixes(rule: Rule) -> bool:
    return rule.fix_safety not in (None, Safety.MANUAL)


def fix_mends(rule: Rule) -> Iterator[str]:
    """The fix removes its finding and brings up no other, of any rule of the services."""
    for example in examples(rule.bad) if _fixes(rule) else ():
        data, code = resources(example), code_of(example)
        for _ in range(20):
            graph = graph_of_resources(data, code)
            found = findings(rule, graph)
            fix = rule.fix(found[0]) if found else None
            if fix is None:
                break
            before = _all_keys(rule, graph)
            data, code = changed(data, fix.changes), rewritten(graph, code, fix.changes)
            after = _all_keys(rule, graph_of_resources(data, code))
            if key(rule, found[0]) in after:
                yield "the fix leaves its finding"
                break
            new = {one for one in after - before if not _is_advice(one, rule, graph)}
            if new:
                yield f"the fix brings up {', '.join(sorted({one[0] for one in new}))}"
        if findings(rule, graph_of_resources(data, code)):
            yield "fixes do not come to an end"


def _all_keys(rule: Rule, found: Graph) -> set[Key]:
    rules = [one for module in rules_for(found.kinds(), code=True) for one in rules_in(module)]
    return {
        key(outcome.rule, finding)
        for outcome in outcomes(found, RuleSet.of({*rules, rule}))
        for finding in outcome.findings
    }


def _is_advice(found: Key, mended: Rule, before: Graph) -> bool:
    """Whether it is opinionated advice, about a resource that the fix itself adds or by the fix of a rule that is none."""
    rule = rule_named(found[0])
    if rule is None or rule.profile != STRICT:
        return False
    return mended.profile != STRICT or found[1] not in before.resources


def fix_twice_is_fix_once(rule: Rule) -> Iterator[str]:
    """A fix carried out twice changes nothing more."""
    for example in examples(rule.bad) if _fixes(rule) else ():
        data = resources(example)
        for finding in findings(rule, graph_of_resources(example))[:1]:
            fix = rule.fix(finding)
            changes = [change for change in fix.changes if hasattr(change, "path")] if fix else []
            once = changed(data, changes)
            if changed(once, changes) != once:
                yield "the fix carried out twice changes more than once"


def safe_fix_replaces_nothing(rule: Rule) -> Iterator[str]:
    """A safe fix sets no property that makes AWS replace the resource."""
    for example in examples(rule.bad) if rule.fix_safety is Safety.SAFE else ():
        for finding in findings(rule, graph_of_resources(example)):
            fix = rule.fix(finding)
            for change in fix.changes if fix else ():
                resource: Resource | None = getattr(change, "resource", None)
                known = schema(resource.kind or "") if resource is not None else None
                path = getattr(change, "path", "")
                if known is not None and path and known.is_create_only(path):
                    yield f"the safe fix sets {path}, which replaces the resource"


def unknown_in_the_template_is_no_fault(rule: Rule) -> Iterator[str]:
    """What a finding rests on, unknown in the template, is no finding but not assessed."""
    for example in examples(rule.bad):
        data, code = resources(example), code_of(example)
        for finding in findings(rule, graph_of_resources(data, code)):
            for address, path in _rests_on(finding):
                unknown = changed(data, ())
                _make_unknown(unknown[address], path)
                again = judged(rule, graph_of_resources(unknown, code))
                assessed = State.NOT_ASSESSED not in {outcome.state for outcome in again}
                silent = not any(outcome.findings for outcome in again)
                if key(rule, finding) in {key(rule, f) for o in again for f in o.findings}:
                    yield f"{path} of {address} is not known and is found all the same"
                elif assessed and silent and rule.id not in ABOUT_LITERALS:
                    yield f"{path} of {address} is not known and passes"


def assumed_unknown_is_no_fault(rule: Rule) -> Iterator[str]:
    """What a finding rests on, assumed to be unknown on the graph, is no finding."""
    for example in examples(rule.bad):
        for finding in findings(rule, graph_of_resources(example)):
            for address, path in _rests_on(finding):
                graph = graph_of_resources(example)
                graph[address].assume(path, Unknown("the test says so"))
                again = judged(rule, graph)
                if key(rule, finding) in {key(rule, f) for o in again for f in o.findings}:
                    yield f"{path} of {address} is assumed to be unknown and is found all the same"


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


CHECKS: tuple[Check, ...] = (
    says_what_it_is,
    bad_is_found,
    good_is_not_found,
    examples_speak_of_what_exists,
    findings_name_what_exists,
    fix_is_as_declared,
    fix_mends,
    fix_twice_is_fix_once,
    safe_fix_replaces_nothing,
    unknown_in_the_template_is_no_fault,
    assumed_unknown_is_no_fault,
)
"""Everything that is asked of a rule."""
