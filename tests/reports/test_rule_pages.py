"""The pages of rules."""

import pytest

from stackworthy.core.finding import Pillar, Severity
from stackworthy.core.fix import Safety
from stackworthy.core.rule import Kinds, Relation, Rule, Stack
from stackworthy.reports.rule_facts import facts, subject
from stackworthy.reports.rule_pages import NOTE, pages
from stackworthy.rules import all_rules


class QueueForgets(Rule):
    """Messages are lost.

    They are | gone.
    """

    on = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function")
    pillar, severity, profile = Pillar.RELIABILITY, Severity.HIGH, "strict"
    message = "messages of {name} are lost"
    references = ("https://example.com/queues",)
    equivalents = ("CKV_1", "W2")
    aliases = ("queue-loses",)
    fix_safety = Safety.SAFE
    bad = """
        Queue:
          Type: AWS::SQS::Queue
    """
    good = ("Queue: {Type: AWS::SQS::Queue}", "Other: {Type: AWS::SQS::Queue}")


def test_a_page_holds_everything_there_is_to_say():
    page = pages([QueueForgets()])["queue-forgets.md"]
    assert page.startswith(f"{NOTE}\n# queue-forgets\n")
    for part in (
        "**high** · reliability · the strict profile only · judges `AWS::SQS::Queue` that triggers `AWS::Lambda::Function`",
        "> messages of {name} are lost",
        "They are | gone.",
        "```yaml\nQueue:\n  Type: AWS::SQS::Queue\n```",
        "## Fine\n\n```yaml\nQueue: {Type: AWS::SQS::Queue}\n```\n\n```yaml\nOther: {Type: AWS::SQS::Queue}\n```",
        "Safe: it changes nothing",
        "# stackworthy: ignore[queue-forgets] the reason",
        "`queue-loses`",
        "`CKV_1`, `W2`",
        "- <https://example.com/queues>",
    ):
        assert part in page


def test_the_index_links_every_rule():
    index = pages([QueueForgets()])["README.md"]
    assert "| [queue-forgets](queue-forgets.md) *strict* | high | safe | Messages are lost. |" in index


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("AWS::SQS::Queue", "AWS::SQS::Queue"),
        (Kinds(("A::B", "C::D")), "A::B, C::D"),
        (Stack(), "every stack"),
        (Stack(("A::B", "C::D")), "a stack with A::B or C::D"),
    ],
)
def test_what_a_rule_judges_is_told_in_words(on, words):
    assert subject(on) == words


def test_every_built_in_rule_has_a_page():
    made = pages(all_rules())
    assert len(made) == len(all_rules()) + 1
    assert all(facts(rule).summary for rule in all_rules())
