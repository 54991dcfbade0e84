"""How long a bill of many priced resources takes, once the stack is read.

python bench/bill.py            # 10,000 resources, five runs
python bench/bill.py --resources 1000 --runs 3
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stackworthy.core.cost import Usage
    from stackworthy.core.graph import Graph

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "src")]

KINDS = (
    "{Type: AWS::Lambda::Function, Properties: {MemorySize: 512, Architectures: [arm64]}}",
    "{Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}",
    "{Type: AWS::SQS::Queue, Properties: {}}",
    "{Type: AWS::S3::Bucket, Properties: {}}",
    "{Type: AWS::CloudWatch::Alarm, Properties: {Period: 60}}",
    "{Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}",
    "{Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}",
    "{Type: AWS::SNS::Topic, Properties: {}}",
    "{Type: AWS::StepFunctions::StateMachine, Properties: {StateMachineType: EXPRESS}}",
    "{Type: AWS::KMS::Key, Properties: {}}",
)


def stack(count: int) -> tuple[list[Graph], Usage]:
    """Stacks of five hundred resources each, and usage for everything that takes requests."""
    from tests.support.graphs import graph_of

    from stackworthy.core.cost import Usage

    graphs = []
    usage = Usage()
    for first in range(0, count, 500):
        numbers = range(first, min(first + 500, count))
        graphs.append(
            graph_of("\n".join(f"R{n}: {KINDS[n % len(KINDS)]}" for n in numbers), region="us-east-1")
        )
        for number in numbers:
            if "Queue" in KINDS[number % len(KINDS)] or "Function" in KINDS[number % len(KINDS)]:
                usage.add(f"R{number}", "monthly_requests", 1000 + number)
    return graphs, usage


def main() -> int:
    """Print the median of some runs; a first one warms the caches of properties."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resources", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    from stackworthy.estimate import estimate

    times = []
    lines = 0
    for _ in range(options.runs):
        graphs, usage = stack(options.resources)
        started = time.perf_counter()
        bill = estimate(graphs, usage)
        times.append(time.perf_counter() - started)
        lines = sum(len(one.components) for one in bill.stacks)
    print(
        f"{options.resources} resources, {lines} lines: median {statistics.median(times):.2f} s, "
        f"least {min(times):.2f} s, most {max(times):.2f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
