"""Budgets and anomaly detection: https://aws.amazon.com/aws-cost-management/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost, decimal_text
from stackworthy.core.resource import Resource
from stackworthy.core.value import references
from stackworthy.prices.registry import UsageOf, prices, usage

BUDGET = "AWS::Budgets::Budget"
ACTION = "AWS::Budgets::BudgetsAction"

usage(BUDGET, monthly_reports=("reports", 0, "Budget reports delivered."))


@prices(BUDGET)
def budgets(budget: Resource, asked: UsageOf) -> Iterator[Cost]:
    """A budget: free, unless it has actions."""
    acts = any(
        reference.address == budget.address
        for action in budget.graph.of(ACTION)
        for reference in references(action["BudgetName"])
    )
    name = budget["Budget.BudgetName"]
    acts = acts or any(isinstance(name, str) and one["BudgetName"] == name for one in budget.graph.of(ACTION))
    if acts:
        days = asked.hours / 24
        yield Cost("Budget with actions", days, "budgets.actions", f"1 budget × {decimal_text(days)} days")
    else:
        yield Cost("Budget", 0, "budgets.plain", "free")
    if asked["monthly_reports"]:
        yield Cost("Reports", asked["monthly_reports"], "budgets.reports", "{monthly_reports} reports")


@prices("AWS::CE::AnomalyMonitor", "AWS::CE::AnomalySubscription")
def anomalies(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """Anomaly detection: free."""
    yield Cost("Anomaly detection", 0, "anomaly-detection.monitor", "free")
