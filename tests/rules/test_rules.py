"""Every rule, by its own examples: `bad` is found, `good` is not, the fix mends it, and the unknown is never a fault."""

from __future__ import annotations

import re

import pytest

from stackworthy.aws import runtimes
from stackworthy.core.rule import Code, Example, Kinds, Relation, Rule, Stack
from stackworthy.judge import harness
from stackworthy.rules import CODE, MODULES, all_rules, rule_named, rules_equivalent, rules_for, rules_in

RULES = all_rules()
ONE_LANGUAGE: frozenset[str] = frozenset(
    {"sdk-without-support", "sdk-not-in-runtime", "handler-is-coroutine", "callback-in-async-handler"}
)  # rules on what only one of the languages has

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@pytest.fixture(autouse=True)
def _the_day_the_runtimes_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "today", runtimes.as_of)


@every_rule
@pytest.mark.parametrize("check", harness.CHECKS, ids=lambda check: check.__name__)
def test_a_rule_passes_every_check_of_its_examples(rule: Rule, check: harness.Check) -> None:
    assert list(check(rule)) == []


@every_rule
def test_a_rule_refers_to_the_documentation_of_aws(rule: Rule) -> None:
    assert rule.references
    assert all(url.startswith("https://docs.aws.amazon.com/") for url in rule.references)


@every_rule
def test_a_rule_on_code_has_bad_and_good_examples_in_python_and_typescript(rule: Rule) -> None:
    if isinstance(rule.on, Code):
        for given in (rule.bad, rule.good):
            languages = {
                example.language for example in harness.examples(given) if isinstance(example, Example)
            }
            assert languages == {"python", "typescript"} or rule.id in ONE_LANGUAGE


@every_rule
def test_a_rule_judges_kinds_that_its_module_is_loaded_for(rule: Rule) -> None:
    module = next(name for name in MODULES if rule in rules_in(name))
    on = rule.on
    if isinstance(on, Code) or CODE in MODULES[module]:
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
                r"CKV2?_AWS_\d+|AVD-AWS-\d{4}|aws(-[a-z0-9]+){2,}|[WF]\d+|[EW]\d{4}|[A-Z][A-Za-z0-9]+\.\d+"
                r"|B\d{3}|S\d{4}|(?:@?[a-z][a-z0-9-]*/)*[a-z][a-z0-9]*(?:-[a-z0-9]+)+",
                identifier,
            ), identifier


@every_rule
def test_what_a_rule_says_next_is_said_after_a_rule_that_has_a_fix(rule: Rule) -> None:
    for before in rule.next_after:
        found = rule_named(before)
        assert found is not None
        assert found.fix_safety is not None
