"""AWS's Price List API, answered from what it answered once."""

from __future__ import annotations

import json
from decimal import Decimal

from stackworthy.prices import catalogue
from stackworthy.prices.own import with_own
from stackworthy.prices.price_list import PRODUCTS, price_file, refresh


def product(usage_type, tiers, **attributes):
    dimensions = {
        f"SKU.{index}": {
            "beginRange": begin,
            "endRange": end,
            "unit": "Units",
            "pricePerUnit": {"USD": price},
        }
        for index, (begin, end, price) in enumerate(tiers)
    }
    return json.dumps(
        {
            "product": {"sku": "SKU", "attributes": {"usagetype": usage_type, **attributes}},
            "serviceCode": "X",
            "terms": {"OnDemand": {"SKU.JRTCKXETXF": {"priceDimensions": dimensions}}},
        }
    )


PAGES = {
    "AWSLambda": [
        [product("EUW1-Request", [("0", "Inf", "0.0000002000")]), product("EUW1-Request-ARM", [("0", "Inf", "9")])],
        [
            product(
                "EUW1-Lambda-GB-Second",
                [("6000000000", "Inf", "0.0000150000"), ("0", "6000000000", "0.0000166667")],
            )
        ],
    ],
    "AmazonDynamoDB": [[product("EU-TimedStorage-ByteHrs", [("0", "25", "0"), ("25", "Inf", "0.283")])]],
    "AmazonStates": [[product("EU-StepFunctions-GB-Second", [("0", "3600000", "0.00001667"), ("3600000", "Inf", "0.00000833")])]],
    "AWSQueueService": [
        [
            product("EU-Requests-FIFO-Tier1", [("0", "Inf", "0.0000005")], queueType="FIFO (first-in, first-out)"),
            product("EU-Requests-Tier1", [("0", "Inf", "0.0000004")], queueType="Standard"),
        ]
    ],
    "AmazonS3": [['{"product": {}}', product("EU-Requests-Tier1", [("0", "Inf", "x")])]],
}  # fmt: skip


class Client:
    """Gives recorded pages, and notes what was asked."""

    def __init__(self):
        self.asked = []

    def get_products(self, **arguments):
        self.asked.append(arguments)
        pages = PAGES.get(arguments["ServiceCode"], [[]])
        number = int(arguments.get("NextToken", 0))
        answer = {"PriceList": pages[number]}
        if number + 1 < len(pages):
            answer["NextToken"] = str(number + 1)
        return answer


def found():
    return {one.key: one.tiers for one in refresh(Client(), ["eu-west-1"])}


def test_usage_types_are_told_apart_by_their_whole_end():
    assert found()["lambda.requests"] == [(Decimal(0), Decimal("0.0000002"))]


def test_all_pages_are_read_and_tiers_are_put_in_order():
    tiers = found()["lambda.gb-second.x86"]
    assert [int(start) for start, _ in tiers] == [0, 6_000_000_000]


def test_a_free_band_is_taken_off_because_free_tiers_stand_apart():
    assert found()["dynamodb.storage.standard"] == [(Decimal(0), Decimal("0.283"))]


def test_units_are_those_of_the_catalogue():
    assert found()["step-functions.express-gb-hour"] == [
        (Decimal(0), Decimal("0.060012")),
        (Decimal(1000), Decimal("0.029988")),
    ]


def test_attributes_tell_products_of_one_usage_type_apart():
    assert found()["sqs.standard"][0][1] == Decimal("0.0000004")
    assert found()["sqs.fifo"][0][1] == Decimal("0.0000005")


def test_what_is_no_price_is_passed_over():
    assert "s3.standard.put" not in found()


def test_only_products_of_the_region_are_asked_for():
    client = Client()
    list(refresh(client, ["eu-west-1"]))
    assert {one["Filters"][0]["Value"] for one in client.asked} == {"eu-west-1"}


def test_every_product_is_a_key_of_the_catalogue():
    assert set(PRODUCTS) <= set(catalogue().dimensions)


def test_the_price_file_makes_the_catalogue_newer_and_dearer_where_aws_says_so():
    table = price_file(refresh(Client(), ["eu-west-1"]), catalogue(), "2027-03-01")
    made = with_own(catalogue(), json.loads(json.dumps(table)), "stackworthy-prices.json")
    price = made.price("dynamodb.storage.standard", "eu-west-1")
    assert (price.tiers[0].price, price.as_of, price.confidence) == (Decimal("0.283"), "2027-03-01", "high")
    assert made.as_of == "2027-03-01"
    assert made.price("dynamodb.storage.standard", "us-east-1") == catalogue().price(
        "dynamodb.storage.standard", "us-east-1"
    )
