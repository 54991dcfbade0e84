"""A budget: mails before the month's bill passes what it may be.

https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import address_of_people, anchor
from stackworthy.core.fix import AddParameter, AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.value import List, Map, Value

APART = "cost-monitoring"
TITLE = "Set a budget"
BUDGET = "AWS::Budgets::Budget"
_WHEN = (("ACTUAL", 80), ("FORECASTED", 100))


def improvements(graph: Graph) -> list[Improvement]:
    """A monthly budget whose limit is asked for; done when a budget is there."""
    there = [budget.address for budget in graph.of(BUDGET)]
    if there:
        return [Improvement(TITLE, "", resources=tuple(there), done=f"a budget is there: {', '.join(there)}")]
    beside = anchor(graph, "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::CloudWatch::Alarm")
    if beside is None:
        return []
    address, changes = address_of_people(graph, beside)
    limit = AddParameter("MonthlyLimit", "What a month may cost in US dollars", beside)
    budget = AddResource(
        BUDGET,
        "MonthlyBudget",
        Map(
            Budget=Map(
                BudgetType="COST",
                TimeUnit="MONTHLY",
                BudgetLimit=Map(Amount=limit.reference(), Unit="USD"),
            ),
            NotificationsWithSubscribers=List(_notification(kind, share, address) for kind, share in _WHEN),
        ),
        beside,
        APART,
    )
    why = (
        "somebody is told when 80 % of the month's money is spent, and when the forecast passes all of it; "
        "budgets that only notify are free. It counts the whole account"
    )
    return [Improvement(TITLE, why, (*changes, limit, budget))]


def _notification(kind: str, share: int, address: Value) -> Map:
    return Map(
        Notification=Map(
            ComparisonOperator="GREATER_THAN",
            NotificationType=kind,
            Threshold=share,
            ThresholdType="PERCENTAGE",
        ),
        Subscribers=List([Map(SubscriptionType="EMAIL", Address=address)]),
    )
