"""Carries the alarms that AWS and others recommend into the corpus that the alarm rules are tested on.

    python tools/make_recommended_alarms.py ALARMS.csv    writes tests/data/recommended_alarms.csv

The table has the columns namespace, metric_or_expression, dimensions (`A+B`, `(none)`), statistic, period_s, datapoints,
eval_periods, comparison, threshold, treat_missing and verdict_vs_metrics_table. Left out are expressions and the rows
that the table itself calls dead. Thresholds that are words stand below as numbers.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

TARGET = Path(__file__).parent.parent / "tests" / "data" / "recommended_alarms.csv"
COLUMNS = (
    "namespace",
    "metric",
    "dimensions",
    "statistic",
    "period",
    "datapoints",
    "evaluation_periods",
    "comparison",
    "threshold",
    "treat_missing",
)
THRESHOLDS = {
    "ApproximateAgeOfOldestMessage": 600,
    "AgeOfOldestUnreplicatedRecord": 60000,
    "AsyncEventAge": 30000,
    "ConcurrentExecutions": 80,
    "Duration": 2400,
    "EstimatedCharges": 100,
    "GetRecords.IteratorAgeMilliseconds": 43200000,
    "GetRecords.Success": 0.9,
    "IteratorAge": 60000,
    "Latency": 5000,
    "OriginLatency": 8000,
    "PutRecord.Success": 0.9,
    "ReadProvisionedThroughputExceeded": 0.1,
    "ReplicationLatency": 180000,
    "SubscribeToShardEvent.MillisBehindLatest": 60000,
    "SuccessfulRequestLatency": 50,
    "WriteProvisionedThroughputExceeded": 0.1,
}


def number(row: dict[str, str]) -> str:
    """The threshold as a number; an alarm on latency above 0 is not taken over as it stands."""
    named = THRESHOLDS.get(row["metric_or_expression"])
    try:
        stated = float(row["threshold"])
    except ValueError:
        return str(named if named is not None else 5)
    return str(
        named if stated == 0 and named is not None and "Latency" in row["metric_or_expression"] else stated
    )


def rows(source: Path) -> list[dict[str, str]]:
    """The alarms on one metric each that the table does not call dead, each once."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    with source.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = row["metric_or_expression"]
            plain = not any(char in name for char in " ,(/") and "|" not in row["dimensions"]
            if not plain or row["verdict_vs_metrics_table"].startswith("DEAD"):
                continue
            made = {
                "namespace": row["namespace"],
                "metric": name,
                "dimensions": "" if row["dimensions"] == "(none)" else row["dimensions"],
                "statistic": row["statistic"],
                "period": row["period_s"] if row["period_s"].isdigit() else "60",
                "datapoints": row["datapoints"] or "1",
                "evaluation_periods": row["eval_periods"] or "1",
                "comparison": row["comparison"],
                "threshold": number(row),
                "treat_missing": row["treat_missing"] or "missing",
            }
            found.setdefault(tuple(made.values()), made)
    return list(found.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("alarms", type=Path)
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(parser.parse_args().alarms))


if __name__ == "__main__":
    main()
