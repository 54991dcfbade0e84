"""AWS's Price List API: asked for one region, and put into the catalogue's words.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
Only `pricing:GetProducts` is called. What comes is a price file for `[prices] file = "…"` (see `prices/own.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, Protocol

import msgspec

from stackworthy.prices.catalogue import Catalogue

PERMISSIONS = ("pricing:GetProducts",)


class PriceList(Protocol):
    """The one call that is made of boto3's `pricing` client."""

    def get_products(self, **arguments: Any) -> dict[str, Any]:
        """A page of products."""
        ...


class Product(NamedTuple):
    """How a key is found: the service, the end of the usage type (after the region's prefix), and attributes that must match.

    `factor` turns AWS's unit into the catalogue's (Step Functions bills GB-seconds, the catalogue has GB-hours).
    """

    service: str
    usage_type: str
    attributes: tuple[tuple[str, str], ...] = ()
    factor: int = 1


class Refreshed(msgspec.Struct):
    """A price that was found: `tiers` are [start, price]."""

    key: str
    region: str
    tiers: list[tuple[Decimal, Decimal]]


PRODUCTS = {
    "lambda.requests": Product("AWSLambda", r"Request"),
    "lambda.gb-second.x86": Product("AWSLambda", r"Lambda-GB-Second"),
    "lambda.gb-second.arm64": Product("AWSLambda", r"Lambda-GB-Second-ARM"),
    "lambda.ephemeral-storage": Product("AWSLambda", r"Lambda-Storage-GB-Second"),
    "lambda.provisioned.x86": Product("AWSLambda", r"Lambda-Provisioned-Concurrency"),
    "lambda.provisioned.arm64": Product("AWSLambda", r"Lambda-Provisioned-Concurrency-ARM"),
    "lambda.provisioned-gb-second.x86": Product("AWSLambda", r"Lambda-Provisioned-GB-Second"),
    "lambda.provisioned-gb-second.arm64": Product("AWSLambda", r"Lambda-Provisioned-GB-Second-ARM"),
    "api-gateway.rest-requests": Product("AmazonApiGateway", r"ApiGatewayRequest"),
    "api-gateway.http-requests": Product("AmazonApiGateway", r"ApiGatewayHttpRequest"),
    "api-gateway.websocket-messages": Product("AmazonApiGateway", r"ApiGatewayMessage"),
    "api-gateway.websocket-minutes": Product("AmazonApiGateway", r"ApiGatewayMinute"),
    "dynamodb.wru.standard": Product("AmazonDynamoDB", r"WriteRequestUnits", (("operation", "PayPerRequestThroughput"),)),
    "dynamodb.rru.standard": Product("AmazonDynamoDB", r"ReadRequestUnits", (("operation", "PayPerRequestThroughput"),)),
    "dynamodb.wcu.standard": Product("AmazonDynamoDB", r"WriteCapacityUnit-Hrs"),
    "dynamodb.rcu.standard": Product("AmazonDynamoDB", r"ReadCapacityUnit-Hrs"),
    "dynamodb.storage.standard": Product("AmazonDynamoDB", r"TimedStorage-ByteHrs"),
    "dynamodb.storage.ia": Product("AmazonDynamoDB", r"IA-TimedStorage-ByteHrs"),
    "dynamodb.pitr": Product("AmazonDynamoDB", r"TimedPITRStorage-ByteHrs"),
    "dynamodb.backup": Product("AmazonDynamoDB", r"TimedBackupStorage-ByteHrs"),
    "dynamodb.restore": Product("AmazonDynamoDB", r"RestoreDataSize-Bytes"),
    "dynamodb.streams": Product("AmazonDynamoDB", r"Streams-Requests"),
    "s3.standard.storage": Product("AmazonS3", r"TimedStorage-ByteHrs", (("volumeType", "Standard"),)),
    "s3.standard.put": Product("AmazonS3", r"Requests-Tier1"),
    "s3.standard.get": Product("AmazonS3", r"Requests-Tier2"),
    "s3.standard-ia.storage": Product("AmazonS3", r"TimedStorage-SIA-ByteHrs"),
    "s3.one-zone-ia.storage": Product("AmazonS3", r"TimedStorage-ZIA-ByteHrs"),
    "s3.glacier-instant.storage": Product("AmazonS3", r"TimedStorage-GIR-ByteHrs"),
    "s3.glacier.storage": Product("AmazonS3", r"TimedStorage-GlacierByteHrs"),
    "s3.deep-archive.storage": Product("AmazonS3", r"TimedStorage-GDA-ByteHrs"),
    "s3.intelligent.monitoring": Product("AmazonS3", r"Monitoring-Automation-INT"),
    "sqs.standard": Product("AWSQueueService", r"Requests(-Tier1)?", (("queueType", "Standard"),)),
    "sqs.fifo": Product("AWSQueueService", r"Requests-FIFO(-Tier1)?|Requests(-Tier1)?", (("queueType", "FIFO (first-in, first-out)"),)),
    "sns.requests": Product("AmazonSNS", r"Requests-Tier1"),
    "sns.http": Product("AmazonSNS", r"DeliveryAttempts-HTTP"),
    "sns.email": Product("AmazonSNS", r"DeliveryAttempts-SMTP"),
    "eventbridge.custom-events": Product("AWSEvents", r"Event-64K-Chunks", (("eventType", "Custom Event"),)),
    "eventbridge.scheduler": Product("AWSEvents", r"ScheduledInvocation"),
    "step-functions.transitions": Product("AmazonStates", r"StateTransition"),
    "step-functions.express-requests": Product("AmazonStates", r"StepFunctions-Request"),
    "step-functions.express-gb-hour": Product("AmazonStates", r"StepFunctions-GB-Second", (), 3600),
    "logs.ingestion.standard": Product("AmazonCloudWatch", r"DataProcessing-Bytes"),
    "logs.ingestion.ia": Product("AmazonCloudWatch", r"DataProcessingIA-Bytes"),
    "logs.vended.standard": Product("AmazonCloudWatch", r"VendedLog-Bytes"),
    "logs.storage": Product("AmazonCloudWatch", r"TimedStorage-ByteHrs"),
    "logs.insights": Product("AmazonCloudWatch", r"DataScanned-Bytes"),
    "cloudwatch.metrics": Product("AmazonCloudWatch", r"CW:MetricMonitorUsage"),
    "cloudwatch.alarm.standard": Product("AmazonCloudWatch", r"CW:AlarmMonitorUsage"),
    "cloudwatch.alarm.high-resolution": Product("AmazonCloudWatch", r"CW:HighResAlarmMonitorUsage"),
    "cloudwatch.alarm.composite": Product("AmazonCloudWatch", r"CW:CompositeAlarmMonitorUsage"),
    "xray.traces-recorded": Product("AWSXRay", r"XRay-TracesStored"),
    "kms.key": Product("awskms", r"KMS-Keys"),
    "kms.requests": Product("awskms", r"KMS-Requests"),
    "secrets-manager.secret": Product("AWSSecretsManager", r"AWSSecretsManager-Secrets"),
    "secrets-manager.requests": Product("AWSSecretsManager", r"AWSSecretsManagerAPIRequest"),
    "waf.web-acl": Product("awswaf", r"WebACLV2"),
    "waf.rule": Product("awswaf", r"RuleV2"),
    "waf.requests": Product("awswaf", r"RequestV2-Tier1"),
    "fargate.vcpu.x86": Product("AmazonECS", r"Fargate-vCPU-Hours:perCPU"),
    "fargate.memory.x86": Product("AmazonECS", r"Fargate-GB-Hours"),
    "fargate.vcpu.arm64": Product("AmazonECS", r"Fargate-ARM-vCPU-Hours:perCPU"),
    "fargate.memory.arm64": Product("AmazonECS", r"Fargate-ARM-GB-Hours"),
    "fargate.storage": Product("AmazonECS", r"Fargate-EphemeralStorage-GB-Hours"),
    "nat-gateway.hour": Product("AmazonEC2", r"NatGateway-Hours"),
    "nat-gateway.data": Product("AmazonEC2", r"NatGateway-Bytes"),
    "vpc-endpoint.interface": Product("AmazonVPC", r"VpcEndpoint-Hours"),
    "vpc-endpoint.data": Product("AmazonVPC", r"VpcEndpoint-Bytes"),
    "vpc.public-ipv4": Product("AmazonVPC", r"PublicIPv4:InUseAddress"),
    "kinesis.shard": Product("AmazonKinesis", r"Storage-ShardHour"),
    "kinesis.put-units": Product("AmazonKinesis", r"PutRequestPayloadUnits"),
    "kinesis.on-demand.stream": Product("AmazonKinesis", r"OnDemand-StreamHour"),
    "kinesis.on-demand.in": Product("AmazonKinesis", r"OnDemand-BilledIncomingBytes"),
    "kinesis.on-demand.out": Product("AmazonKinesis", r"OnDemand-BilledOutgoingBytes"),
    "firehose.ingest": Product("AmazonKinesisFirehose", r"BilledBytes"),
    "ecr.storage": Product("AmazonECR", r"TimedStorage-ByteHrs"),
    "efs.standard": Product("AmazonEFS", r"TimedStorage-ByteHrs"),
    "appsync.operations": Product("AWSAppSync", r"Query-Op(eration)?s"),
}  # fmt: skip
# The prefix of a usage type: `EUC1-`, `USE2-`, `EU-`, `Global-`; us-east-1 often has none.
_PREFIX = r"(?:[A-Z]{2,4}\d?-|Global-)?"
_PAGE = 100
_MOST_PAGES = 400


def refresh(client: PriceList, regions: Iterable[str]) -> Iterator[Refreshed]:
    """The prices of the regions that AWS states today. Raises what the client raises."""
    for region in regions:
        for service in dict.fromkeys(product.service for product in PRODUCTS.values()):
            wanted = {key: product for key, product in PRODUCTS.items() if product.service == service}
            yield from _found(client, service, region, wanted)


def _found(client: PriceList, service: str, region: str, wanted: dict[str, Product]) -> Iterator[Refreshed]:
    seen: dict[str, list[tuple[Decimal, Decimal]]] = {}
    for item in _products(client, service, region):
        attributes = item.get("product", {}).get("attributes", {})
        for key, product in wanted.items():
            if key not in seen and _is(attributes, product):
                tiers = _tiers(item, product.factor)
                if tiers:
                    seen[key] = tiers
    for key, tiers in seen.items():
        yield Refreshed(key, region, tiers)


def _products(client: PriceList, service: str, region: str) -> Iterator[dict[str, Any]]:
    token = ""
    for _ in range(_MOST_PAGES):
        arguments: dict[str, Any] = {
            "ServiceCode": service,
            "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
            "FormatVersion": "aws_v1",
            "MaxResults": _PAGE,
        }
        if token:
            arguments["NextToken"] = token
        page = client.get_products(**arguments)
        for text in page.get("PriceList", ()):
            item = json.loads(text) if isinstance(text, str) else text
            if isinstance(item, dict):
                yield item
        token = page.get("NextToken") or ""
        if not token:
            return


def _is(attributes: dict[str, str], product: Product) -> bool:
    usage_type = attributes.get("usagetype", "")
    return bool(re.fullmatch(f"{_PREFIX}(?:{product.usage_type})", usage_type)) and all(
        attributes.get(name) == value for name, value in product.attributes
    )


def _tiers(item: dict[str, Any], factor: int) -> list[tuple[Decimal, Decimal]]:
    """The tiers of a product's on-demand price, a leading free band taken off; empty when it has no price in USD."""
    found: list[tuple[Decimal, Decimal]] = []
    try:
        for term in item["terms"]["OnDemand"].values():
            for dimension in term["priceDimensions"].values():
                price = Decimal(dimension["pricePerUnit"]["USD"]) * factor
                found.append((Decimal(dimension["beginRange"]) / factor, price))
    except (KeyError, TypeError, AttributeError, InvalidOperation):
        return []
    found.sort()
    if len(found) > 1 and found[0][1] == 0:
        free = found[1][0]
        found = [(start - free, price) for start, price in found[1:]]
    return found if found and found[0][0] == 0 else []


def price_file(found: Iterable[Refreshed], prices: Catalogue, today: str) -> dict[str, Any]:
    """The price file of what was found: the table that `[prices] file` names."""
    override: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        if one.key not in prices.dimensions:
            continue
        override.setdefault(one.key, []).append(
            {
                "region": one.region,
                "tiers": [[_plain(start), _plain(price)] for start, price in one.tiers],
                "source": "AWS Price List API",
                "as_of": today,
                "confidence": "high",
            }
        )
    return {"made_by": "stackworthy prices update", "as_of": today, "override": override}


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
