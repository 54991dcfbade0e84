"""The mapping data against the provider's schema and CloudFormation's registry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.check_mapping import PRODUCES, faults, provider

from stackworthy.sources.terraform.mapping import table
from stackworthy.sources.terraform.mapping.convert import CONVERSIONS

SCHEMA = str(Path(__file__).parents[4] / "tools" / "data" / "aws-provider-6.47.0.json.gz")
FILES = sorted(path.stem for path in table.DATA.glob("*.json") if path.name != "index.json")


@pytest.mark.parametrize("service", FILES)
def test_every_argument_is_mapped_to_a_property_that_fits_or_has_a_reason_not_to_be(service: str) -> None:
    names = [name for name, file in table.index().items() if file == service]
    assert list(faults(SCHEMA, names)) == []


def test_the_index_names_the_file_of_every_type() -> None:
    found = {
        name: file
        for file in FILES
        for name in json.loads((table.DATA / f"{file}.json").read_text())
        if not name.startswith("_")
    }
    assert table.index() == found


def test_every_type_of_the_provider_is_there_with_its_kind_or_the_reason_why_it_has_none() -> None:
    assert sorted(provider(SCHEMA).keys() - table.index().keys()) == []


def test_a_fault_in_the_data_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = table.Spec(
        kind="AWS::SQS::Queue",
        arguments={"name": "QueueNam", "delay_seconds": table.Argument(to="DelaySeconds", as_="nothing")},
        only={"policy": "", "colour": "there is none"},
        attributes={"arn": "Amazon"},
    )
    monkeypatch.setattr(table, "spec", lambda _: wrong)
    lines = list(faults(SCHEMA, ["aws_sqs_queue"]))
    for part in (
        "has no QueueNam",
        "no conversion nothing",
        "`only` without a reason",
        ".colour: the provider has no such argument",
        ".fifo_queue (bool): not mapped",
        "no attribute Amazon",
    ):
        assert any(part in line for line in lines), part


def test_the_types_that_conversions_make_are_of_conversions_that_exist() -> None:
    assert PRODUCES.keys() <= CONVERSIONS.keys()
