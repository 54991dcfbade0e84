"""Measurements as one typed table: address, quantity, value, period. They take the place of what is assumed.

    address,quantity,value,period
    ApiFunction,Invocations,412000,7 days
    ApiFunction,Duration,83,month
    aws_s3_bucket.uploads,standard.storage_gb,220,2026-10-01/2026-11-01

A quantity is a usage key, or CloudWatch's name of a metric. What is counted is brought to a month; a size, a duration or an
amount held is the same in any period. JSON holds a list of such rows, or `{"measurements": [...]}`.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import msgspec

from stackworthy.core.cost import Usage, UsageError, quantity
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.prices import usage_keys
from stackworthy.workload.entries import named

COLUMNS = ("address", "quantity", "value", "period")
MOST_ROWS = 200_000
METRICS: dict[str, dict[str, str]] = {
    "AWS::Lambda::Function": {"Invocations": "monthly_requests", "Duration": "request_duration_ms"},
    "AWS::ApiGateway::RestApi": {"Count": "monthly_requests"},
    "AWS::ApiGatewayV2::Api": {
        "Count": "monthly_requests",
        "MessageCount": "monthly_messages",
        "ConnectCount": "monthly_connection_mins",
    },
    "AWS::DynamoDB::Table": {
        "ConsumedWriteCapacityUnits": "monthly_write_request_units",
        "ConsumedReadCapacityUnits": "monthly_read_request_units",
        "TableSizeBytes": "storage_gb",
        "ItemCount": "items",
    },
    "AWS::SQS::Queue": {"NumberOfEmptyReceives": "monthly_empty_receives"},
    "AWS::SNS::Topic": {"NumberOfMessagesPublished": "monthly_requests"},
    "AWS::StepFunctions::StateMachine": {"ExecutionsStarted": "monthly_requests"},
    "AWS::Kinesis::Stream": {"IncomingRecords": "monthly_records"},
    "AWS::S3::Bucket": {"BucketSizeBytes": "standard.storage_gb", "GetRequests": "standard.monthly_tier_2_requests"},
    "AWS::Logs::LogGroup": {"IncomingBytes": "monthly_data_ingested_gb"},
    "AWS::CloudFront::Distribution": {"Requests": "monthly_https_requests"},
}  # fmt: skip
"""CloudWatch's names of what usage keys count."""
BYTES = frozenset({"TableSizeBytes", "BucketSizeBytes", "IncomingBytes"})
SECONDS = {
    "s": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "day": 86400,
    "d": 86400,
    "week": 604800,
}
_PERIOD = re.compile(r"(\d+(?:\.\d+)?)?\s*([A-Za-z]+?)s?")


class Measurement(msgspec.Struct, frozen=True):
    """One row, with its line (of JSON: its place in the list)."""

    address: str
    quantity: str
    value: Decimal
    period: str
    line: int = 0


def read(text: str, file: str) -> list[Measurement]:
    """The rows of a CSV or JSON file, by its name. Raises `UsageError` that names file and line."""
    rows = _json(text, file) if file.endswith(".json") else _csv(text, file)
    if len(rows) > MOST_ROWS:
        raise UsageError(f"has more than {MOST_ROWS} rows", "sum it up by month", file=file)
    return rows


def _csv(text: str, file: str) -> list[Measurement]:
    reader = csv.reader(io.StringIO(text))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _columns(header, file, 1)
        place = [header.index(name) if name in header else len(header) for name in COLUMNS]
        made = []
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = [row[at].strip() if at < len(row) else "" for at in place]
                made.append(_row(dict(zip(COLUMNS, cells, strict=True)), file, reader.line_num))
    except csv.Error as error:
        raise UsageError(f"is no CSV: {error}", "write address,quantity,value,period", file=file) from None
    return made


def _json(text: str, file: str) -> list[Measurement]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        raise UsageError(
            f"is no JSON: {str(error)[:80]}", "write a list of rows", file=file, line=line
        ) from None
    rows = found.get("measurements") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(
            "holds no list of rows", 'write [{"address": …, "quantity": …, "value": …}]', file=file
        )
    made = []
    for index, row in enumerate(rows, 1):
        _columns([str(name) for name in row], file, index)
        made.append(_row(row, file, index))
    return made


def _columns(header: list[str], file: str, line: int) -> None:
    for name in header:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"columns are {', '.join(COLUMNS)}"
            raise UsageError(f"there is no column {name!r}", hint, key=name, file=file, line=line)
    for name in COLUMNS[:3]:
        if name not in header:
            raise UsageError(
                f"the column {name} is missing",
                f"columns are {', '.join(COLUMNS)}",
                key=name,
                file=file,
                line=line,
            )


def _row(row: dict[str, Any], file: str, line: int) -> Measurement:
    address, name = str(row["address"]), str(row["quantity"])
    number = quantity(row["value"], f"{address}.{name}", file, line)
    return Measurement(address, name, number, str(row.get("period") or "month"), line)


def apply(rows: list[Measurement], file: str, graphs: list[Graph], hours: Decimal, usage: Usage) -> list[str]:
    """Add measurements to usage, brought to a month of so many hours; tells of rows that no stack has. Raises `UsageError`."""
    warnings = []
    for row in rows:
        found = [one for graph in graphs for one in named(graph, row.address)]
        if not found:
            near = get_close_matches(row.address, [one.address for graph in graphs for one in graph], 1, 0.5)
            hint = f": did you mean {near[0]}?" if near else ""
            warnings.append(f"{file}:{row.line}: no stack here has {row.address}{hint}")
        for resource in found:
            key = _key(resource, row, file)
            value = row.value / 1024**3 if row.quantity in BYTES else row.value
            if counted(key):
                value = value * hours * 3600 / _period(row, file)
            why = f"{row.quantity} in {row.period}"
            usage.add(
                resource.address,
                key,
                value,
                stack=resource.graph.path,
                basis="measured",
                why=why,
                file=file,
                line=row.line,
            )
    return warnings


def counted(key: str) -> bool:
    """Whether a key counts what happens in a month (and not what is held, how large or how long something is)."""
    return key.rsplit(".", 1)[-1].startswith("monthly_") or key.startswith(
        ("monthly_", "transcribe_", "bedrock.", "model.")
    )


def _key(resource: Resource, row: Measurement, file: str) -> str:
    kind = resource.kind or resource.type
    keys = usage_keys(kind)
    if row.quantity in keys:
        return row.quantity
    metrics = METRICS.get(kind, {})
    if row.quantity in metrics:
        return metrics[row.quantity]
    near = get_close_matches(row.quantity, [*keys, *metrics], 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join([*metrics, *sorted(keys)][:10])}"
    raise UsageError(
        f"{kind} has no usage key {row.quantity!r}",
        hint,
        key=f"{row.address}.{row.quantity}",
        file=file,
        line=row.line,
    )


def _period(row: Measurement, file: str) -> Decimal:
    """The seconds of a period: `month`, `7 days`, `2026-10-01/2026-11-01`."""
    text = row.period.strip()
    wrong = UsageError(
        f"{text[:40]!r} is no period",
        "write month, 7 days or 2026-10-01/2026-11-01",
        key="period",
        file=file,
        line=row.line,
    )
    if "/" in text:
        try:
            start, end = (datetime.datetime.fromisoformat(part.strip()) for part in text.split("/"))
            seconds = Decimal(str((end - start).total_seconds()))
        except (ValueError, TypeError):
            raise wrong from None
    else:
        found = _PERIOD.fullmatch(text)
        unit = found[2].lower() if found else ""
        if not found or (unit not in SECONDS and unit not in ("month", "mo")):
            raise wrong
        seconds = Decimal(found[1] or 1) * (730 * 3600 if unit in ("month", "mo") else SECONDS[unit])
    if seconds <= 0:
        raise UsageError(
            f"a period of nothing: {text[:40]!r}",
            "it is longer than 0",
            key="period",
            file=file,
            line=row.line,
        )
    return seconds
