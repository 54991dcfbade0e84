"""`stackworthy prices`: what the catalogue says, and a file of today's prices."""

from __future__ import annotations

import json
import sys
import types

import pytest

from stackworthy.cli import main
from stackworthy.prices import catalogue


def run(capsys, *arguments):
    code = main(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_show_lists_a_services_prices_free_tiers_and_sources(capsys):
    code, out, _ = run(capsys, "prices", "show", "sqs", "--region", "us-east-1")
    assert code == 0
    assert "sqs.standard  Standard requests (64 KB units), per request" in out
    assert "$0.0000004, 0.0000003 from 100000000000" in out
    assert "\n  eu-west-2" not in out
    assert "free: SQS requests (always free), 1000000 request a month per account" in out
    assert "ICM: " in out


def test_show_says_where_a_region_has_no_price(capsys):
    _, out, _ = run(capsys, "prices", "show", "lambda", "--region", "eu-south-2")
    assert "no price for eu-south-2" in out


def test_show_as_json_has_everything_of_the_service(capsys):
    _, out, _ = run(capsys, "prices", "show", "kms", "--format", "json")
    document = json.loads(out)
    assert document["as_of"] == catalogue().as_of
    assert document["dimensions"]["kms.key"]["regions"]["us-east-1"]["tiers"] == [["0", "1.00"]]


def test_without_a_service_the_services_are_listed(capsys):
    _, out, _ = run(capsys, "prices", "show")
    assert {"lambda", "s3", "dynamodb"} <= set(out.split())


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("show", "lambd"), "did you mean lambda?"),
        (("show", "s3", "--region", "eu-wset-1"), "did you mean eu-west-1?"),
        (("update", "--region", "us-esat-1"), "did you mean us-east-1?"),
    ],
)
def test_what_is_misspelt_is_told_with_the_nearest(capsys, arguments, hint):
    code, _, err = run(capsys, "prices", *arguments)
    assert code == 2
    assert hint in err


class Client:
    def get_products(self, **arguments):
        if arguments["ServiceCode"] != "awskms":
            return {"PriceList": []}
        price = {"beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": "1.25"}}
        item = {
            "product": {"attributes": {"usagetype": "EUW1-KMS-Keys"}},
            "terms": {"OnDemand": {"x": {"priceDimensions": {"y": price}}}},
        }
        return {"PriceList": [json.dumps(item)]}


def boto(monkeypatch, client):
    monkeypatch.setitem(sys.modules, "boto3", types.SimpleNamespace(client=lambda *_, **__: client))


def test_update_writes_a_price_file(capsys, monkeypatch, tmp_path):
    boto(monkeypatch, Client())
    target = tmp_path / "prices.json"
    code, out, _ = run(capsys, "prices", "update", "--region", "eu-west-1", "-o", str(target))
    assert code == 0
    assert "1 prices" in out
    (entry,) = json.loads(target.read_text())["override"]["kms.key"]
    assert (entry["region"], entry["tiers"]) == ("eu-west-1", [["0", "1.25"]])


def test_update_that_finds_nothing_writes_nothing(capsys, monkeypatch, tmp_path):
    boto(monkeypatch, types.SimpleNamespace(get_products=lambda **_: {"PriceList": []}))
    target = tmp_path / "prices.json"
    code, _, err = run(capsys, "prices", "update", "--region", "eu-west-1", "-o", str(target))
    assert (code, target.exists()) == (2, False)
    assert "no price" in err


def test_update_without_credentials_is_told_in_words(capsys, monkeypatch, tmp_path):
    from botocore.exceptions import NoCredentialsError

    def refuse(**_):
        raise NoCredentialsError

    boto(monkeypatch, types.SimpleNamespace(get_products=refuse))
    code, _, err = run(capsys, "prices", "update", "--region", "eu-west-1", "-o", str(tmp_path / "x"))
    assert code == 2
    assert "pricing:GetProducts" in err


def test_update_without_boto3_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    code, _, err = run(capsys, "prices", "update", "--region", "eu-west-1")
    assert code == 2
    assert "stackworthy[aws]" in err
