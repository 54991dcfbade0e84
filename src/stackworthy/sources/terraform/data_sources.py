"""What is known of data sources (and of resources that ask nobody) without asking AWS.

A handler gets the instance and the path of an attribute that the configuration does not state, and answers its value, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stackworthy.aws.partitions import SUFFIXES, partition_of
from stackworthy.core.value import Map, Reference, Unknown, Value
from stackworthy.sources.terraform.access import Invalid, undecided
from stackworthy.sources.terraform.conversions import first_unknown
from stackworthy.sources.terraform.functions import FunctionError, call
from stackworthy.sources.terraform.policy_document import policy_document

if TYPE_CHECKING:
    from stackworthy.sources.terraform.resources import Instance

Handler = Callable[["Instance", str], Value]


def _symbol(instance: Instance, symbol: str, what: str) -> Unknown:
    """The unknown that equals CloudFormation's pseudo parameter; another account's has a name of its own."""
    provider = instance.provider()
    if provider.assume_role:
        symbol = f"{symbol} of {provider.name}.{provider.alias}"
    return Unknown(f"{what} is that of whoever deploys", symbol)


def _caller_identity(instance: Instance, path: str) -> Value:
    return _symbol(instance, "AWS::AccountId", "the account") if path in ("account_id", "id") else None


def _region(instance: Instance, path: str) -> Value:
    if path not in ("name", "id", "region"):
        return None
    for stated in ("region", "name"):
        value = instance.own(stated)
        if value is not None:
            return value
    return instance.provider().region


def _partition(instance: Instance, path: str) -> Value:
    symbol = {"partition": "AWS::Partition", "id": "AWS::Partition", "dns_suffix": "AWS::URLSuffix"}.get(path)
    if symbol is None:
        return None
    region = instance.provider().region
    partition = partition_of(region) if isinstance(region, str) else None
    found = SUFFIXES.get(partition or "") if path == "dns_suffix" else partition
    return found or Unknown("the partition is that of whoever deploys", symbol)


def _archive(instance: Instance, path: str) -> Value:
    """What is made of code is a reference to the archive, which names the code."""
    return Reference(instance.address, path)


def _template(instance: Instance, path: str) -> Value:
    if path != "rendered":
        return None
    text, variables = instance.own("template"), instance.own("vars")
    if not isinstance(text, str):
        return undecided(text, f"{instance.address}.rendered")
    if variables is not None and not isinstance(variables, dict):
        return undecided(variables, f"{instance.address}.rendered")
    try:
        return instance.scope.module.render(text, variables or {}, instance.address)
    except FunctionError as error:
        return Invalid(str(error))


def _local_file(instance: Instance, path: str) -> Value:
    functions = {"content": "file", "content_base64": "filebase64"}
    name = instance.own("filename")
    if path not in functions or name is None:
        return None
    try:
        return call(functions[path], [name], files=instance.scope.module.files)
    except FunctionError as error:
        return Invalid(str(error))


def _policy_document(instance: Instance, path: str) -> Value:
    if path not in ("json", "minified_json"):
        return None
    return policy_document(instance.stated(), instance.address, minified=path == "minified_json")


def _terraform_data(instance: Instance, path: str) -> Value:
    return instance.own("input") if path == "output" else None


def all_tags(instance: Instance) -> Value:
    """`tags_all`: the provider's default tags with the resource's own over them."""
    tags, default = instance.own("tags"), instance.provider().default_tags
    tags = Map() if tags is None else tags
    for value in (tags, default):
        if not isinstance(value, dict) or first_unknown(value) is not None:
            return None
    return Map({**default, **tags})


DATA_SOURCES: dict[str, Handler] = {
    "archive_file": _archive,
    "aws_caller_identity": _caller_identity,
    "aws_iam_policy_document": _policy_document,
    "aws_partition": _partition,
    "aws_region": _region,
    "local_file": _local_file,
    "template_file": _template,
}
RESOURCES: dict[str, Handler] = {"archive_file": _archive, "terraform_data": _terraform_data}
