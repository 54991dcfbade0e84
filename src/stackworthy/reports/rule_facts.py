"""What there is to say of a rule, as plain data: for the list of rules, their pages, and other reports."""

from __future__ import annotations

import inspect
from typing import Literal

import msgspec

from stackworthy.core.fix import Unsafe
from stackworthy.core.rule import Code, Example, Examples, Kinds, Relation, Rule, Stack, Subject
from stackworthy.sources.code.examples import template


class ExampleFacts(msgspec.Struct):
    """An example: its text in a language, and (for code) the resources of its stack, as YAML."""

    language: str
    text: str
    stack: str = ""


class RuleFacts(msgspec.Struct):
    """One rule. `on` is what it judges, in words; `fix` its safety (null: it has none), `fix_why` why an unsafe one must be asked for."""

    id: str
    aliases: list[str]
    pillar: str
    severity: str
    confidence: str
    profile: str
    tags: list[str]
    equivalents: list[str]
    on: str
    message: str
    summary: str
    explanation: str
    fix: Literal["safe", "unsafe", "manual"] | None
    fix_why: str
    references: list[str]
    bad: list[ExampleFacts]
    good: list[ExampleFacts]


def facts(rule: Rule) -> RuleFacts:
    """What there is to say of a rule."""
    safety = rule.fix_safety
    explanation = inspect.cleandoc(rule.explanation)
    return RuleFacts(
        id=rule.id,
        aliases=list(rule.aliases),
        pillar=rule.pillar.value,
        severity=rule.severity.value,
        confidence=rule.confidence.value,
        profile=rule.profile,
        tags=list(rule.tags),
        equivalents=list(rule.equivalents),
        on=subject(rule.on),
        message=rule.message,
        summary=explanation.split("\n\n", 1)[0].replace("\n", " "),
        explanation=explanation,
        fix="unsafe" if isinstance(safety, Unsafe) else safety.value if safety else None,
        fix_why=safety.why if isinstance(safety, Unsafe) else "",
        references=list(rule.references),
        bad=_examples(rule.bad),
        good=_examples(rule.good),
    )


def _examples(given: Examples) -> list[ExampleFacts]:
    return [_example(example) for example in (given if isinstance(given, tuple) else (given,))]


def _example(given: str | Example) -> ExampleFacts:
    if isinstance(given, str):
        return ExampleFacts("yaml", inspect.cleandoc(given))
    stated = given.stack or given.properties
    return ExampleFacts(given.language, given.code.rstrip(), template(given).rstrip() if stated else "")


def subject(on: Subject) -> str:
    """What a rule judges, in words."""
    if isinstance(on, Relation):
        return f"{on.source} that {on.kind} {on.target}"
    if isinstance(on, Kinds):
        return ", ".join(on.kinds)
    if isinstance(on, Code):
        return "the source code of AWS::Lambda::Function"
    if isinstance(on, Stack):
        return "a stack with " + " or ".join(on.kinds) if on.kinds else "every stack"
    return on
