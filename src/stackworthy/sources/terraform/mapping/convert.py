"""Conversions between Terraform's spelling of a value and the graph's, by name; each pair reads and writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from stackworthy.aws.documents import document, read_json
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
    known,
)
from stackworthy.sources.terraform.mapping import grants
from stackworthy.sources.terraform.types import Encoded


class Conversion(NamedTuple):
    """`read` turns Terraform's value into the graph's, `write` the reverse; both take known values and give unknown ones back as they are."""

    read: Callable[[Value], Value]
    write: Callable[[Value], Value]


def wrapped(value: Any) -> Value:
    """Plain data as the graph's containers; null is absent."""
    if isinstance(value, dict):
        return Map({str(key): wrapped(item) for key, item in value.items() if item is not None})
    if isinstance(value, list):
        return List(wrapped(item) for item in value)
    return ABSENT if value is None else value


def from_json(value: Value) -> Value:
    """The structure that a JSON text stands for."""
    if isinstance(value, Encoded):
        return value.value
    if isinstance(value, str):
        try:
            return wrapped(read_json(value))
        except (ValueError, RecursionError):
            return Unknown("the text is not JSON")
    if isinstance(value, Partial):
        return document(value)
    if isinstance(value, Reference):
        return Unknown(f"{value.address}.{value.attribute} is known only after deployment")
    return value


def _document(value: Value) -> Value:
    """The structure of a text in JSON or YAML (an OpenAPI document)."""
    if isinstance(value, Encoded) or not isinstance(value, (str, Partial)):
        return from_json(value)
    start = value if isinstance(value, str) else value.prefix
    if start.lstrip().startswith(("{", "[")):
        return from_json(value)
    from stackworthy.sources.terraform.functions.contract import Failure
    from stackworthy.sources.terraform.functions.yaml import yamldecode

    try:
        return yamldecode(value)
    except (Failure, NotKnown) as failure:
        return Unknown(f"the document cannot be read: {failure}")


def _kafka_servers(value: Value) -> Value:
    """The endpoints of a Kafka cluster of one's own, which the provider takes as one text under their type's name."""
    if isinstance(value, OpenMap) or not isinstance(value, Map):
        return value.rest if isinstance(value, OpenMap) else value
    return _comma_separated(value["KAFKA_BOOTSTRAP_SERVERS"])


def _kafka_servers_back(value: Value) -> Value:
    return Map({"KAFKA_BOOTSTRAP_SERVERS": ",".join(value)}) if isinstance(value, List) else value


def _epoch(value: Value) -> Value:
    """A time (RFC 3339) in seconds since 1970."""
    if not isinstance(value, str):
        return value
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except ValueError:
        return Unknown(f"{value!r} is not a time")


def _epoch_back(value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_STREAMS = ":*"


def _log_group(value: Value) -> Value:
    """The ARN of a log group, to which the provider wants the end that the group's own ARN has in CloudFormation."""
    if isinstance(value, Partial) and len(value.pieces) == 2 and value.pieces[1] == _STREAMS:
        group = value.pieces[0]
        return group if isinstance(group, Reference) and group.attribute == "Arn" else value
    return value


def _log_group_back(value: Value) -> Value:
    return joined((value, _STREAMS)) if isinstance(value, Reference) and value.attribute == "Arn" else value


def _pairs(key: str, content: str) -> Conversion:
    """A map as a list of objects that hold each key and its value."""

    def read(value: Value) -> Value:
        if not isinstance(value, Map):
            return value
        known = value.known if isinstance(value, OpenMap) else value
        items = [Map({key: name, content: item}) for name, item in known.items()]
        return OpenList(items, value.rest) if isinstance(value, OpenMap) else List(items)

    def write(value: Value) -> Value:
        return Map({item[key]: item[content] for item in value}) if isinstance(value, List) else value

    return Conversion(read, write)


def _grouped(key: str, content: str, part: Mapping[str, str] | None) -> Conversion:
    """Blocks that are entries of a map of lists: `key` names the entry, `content` is its list; `part` spells the fields of its items."""

    def item(block: Value) -> Value:
        if part is None or not isinstance(block, Map):
            return block
        return Map({theirs: block[own] for own, theirs in part.items() if block[own] is not ABSENT})

    def read(value: Value) -> Value:
        if isinstance(value, OpenList) or not isinstance(value, List):
            return value.rest if isinstance(value, OpenList) else value
        blocks = [block for block in value if isinstance(block, Map) and isinstance(block[key], str)]
        if len(blocks) < len(value):
            return Unknown(f"the {key} of an entry is not known")
        return Map({block[key]: _mapped(block[content], item) for block in blocks})

    def back(entry: Value) -> Value:
        if part is None or not isinstance(entry, Map):
            return entry
        return Map({own: entry[theirs] for own, theirs in part.items() if entry[theirs] is not ABSENT})

    def write(value: Value) -> Value:
        if not isinstance(value, Map):
            return value
        return List(Map({key: name, content: _mapped(items, back)}) for name, items in value.items())

    return Conversion(read, write)


def _objects(name: str, fixed: Mapping[str, str] | None = None) -> Conversion:
    """Texts as objects that hold each under a name."""
    others = fixed or {}

    def back(item: Value) -> Value:
        return item[name] if isinstance(item, Map) else item

    def mine(item: Value) -> bool:
        return not isinstance(item, Map) or all(item[key] == value for key, value in others.items())

    def read(value: Value) -> Value:
        return _mapped(value, lambda item: item if isinstance(item, Unknown) else Map({name: item, **others}))

    def write(value: Value) -> Value:
        return List(back(item) for item in value if mine(item)) if isinstance(value, List) else value

    return Conversion(read, write)


def _plucked(name: str) -> Conversion:
    """Blocks with one argument as a list of its values."""

    def item(block: Value) -> Value:
        return block[name] if isinstance(block, Map) else block

    return Conversion(
        lambda value: _mapped(value, item), lambda value: _mapped(value, lambda text: Map({name: text}))
    )


_FILTER = {"type": "Type", "pattern": "Pattern", "exclude_matched_pattern": "ExcludeMatchedPattern"}


def _spelled(value: Value, names: Mapping[str, str]) -> Value:
    if not isinstance(value, Map):
        return value
    return Map({names[key]: item for key, item in value.items() if key in names and item is not None})


def _filter_groups(value: Value) -> Value:
    """Blocks of filters as a list of lists."""

    def group(block: Value) -> Value:
        filters = block["filter"] if isinstance(block, Map) else block
        return List() if filters is ABSENT else _mapped(filters, lambda item: _spelled(item, _FILTER))

    return _mapped(value, group)


def _filter_groups_back(value: Value) -> Value:
    names = {theirs: own for own, theirs in _FILTER.items()}
    return _mapped(value, lambda group: Map({"filter": _mapped(group, lambda item: _spelled(item, names))}))


def _remediation(value: Value) -> Value:
    """The parameters of a remediation: by name, each a fixed list or the resource's ID."""
    if isinstance(value, OpenList) or not isinstance(value, List):
        return value.rest if isinstance(value, OpenList) else value
    made = Map()
    for block in value:
        if not isinstance(block, Map) or not isinstance(block["name"], str):
            return Unknown("the name of a parameter is not known")
        if block["resource_value"] is not ABSENT:
            made[block["name"]] = Map({"ResourceValue": Map({"Value": block["resource_value"]})})
        else:
            one, several = block["static_value"], block["static_values"]
            values = several if several is not ABSENT else List() if one is ABSENT else List([one])
            made[block["name"]] = Map({"StaticValue": Map({"Values": values})})
    return made


def _remediation_back(value: Value) -> Value:
    if isinstance(value, OpenMap) or not isinstance(value, Map):
        return value
    return List(
        Map({"name": name, "static_values": item["StaticValue"]["Values"]})
        if item["StaticValue"] is not ABSENT
        else Map({"name": name, "resource_value": item["ResourceValue"]["Value"]})
        for name, item in value.items()
    )


def _mapped(value: Value, change: Callable[[Value], Value]) -> Value:
    if isinstance(value, OpenList):
        return OpenList([change(item) for item in value.known], value.rest)
    return List(change(item) for item in value) if isinstance(value, List) else value


def _key_of_table(role: str) -> Conversion:
    """The name of a key attribute as an element of a key schema."""

    def read(value: Value) -> Value:
        return Map({"AttributeName": value, "KeyType": role})

    def write(value: Value) -> Value:
        return value["AttributeName"] if isinstance(value, Map) else value

    return Conversion(read, write)


def _method_path(value: Value) -> Value:
    """`users/{id}/GET` is the method GET of the path `/~1users~1{id}`, `*/*` every method of every path.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apigateway-stage-methodsetting.html
    """
    if not isinstance(value, str):
        doubt = value if isinstance(value, Unknown) else Unknown("the path is known only after deployment")
        return Map({"ResourcePath": doubt, "HttpMethod": doubt})
    path, _, method = value.strip("/").rpartition("/")
    path = path.replace("~1", "/").strip("/")
    shown = f"/{path}" if path in ("", "*") else "/~1" + path.replace("/", "~1")
    return Map({"ResourcePath": shown, "HttpMethod": method})


def _method_path_back(value: Value) -> Value:
    if not isinstance(value, Map):
        return value
    path = value["ResourcePath"].removeprefix("/").replace("~1", "/").strip("/")
    return f"{path}/{value['HttpMethod']}"


def _number(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        return int(value) if value.lstrip("-").isdigit() else float(value)
    except ValueError:
        return Unknown(f"{value!r} is not a number")


def _text(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _opposite(value: Value) -> Value:
    return (not value) if isinstance(value, bool) else value


def _listed(value: Value) -> Value:
    return value if isinstance(value, (List, Unknown)) else List([value])


def _first(value: Value) -> Value:
    if isinstance(value, OpenList):
        return value.known[0] if value.known else value.rest
    return (value[0] if value else ABSENT) if isinstance(value, List) else value


def _scaled(factor: int) -> Conversion:
    def read(value: Value) -> Value:
        return value * factor if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    def write(value: Value) -> Value:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        return value // factor if value % factor == 0 else value / factor

    return Conversion(read, write)


def _last_part(value: Value) -> Value:
    """The name at the end of an ARN or path."""
    if isinstance(value, str):
        return value.rsplit("/", 1)[-1]
    return value


def _comma_separated(value: Value) -> Value:
    return (
        List(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _same(value: Value) -> Value:
    return value


def _widest(value: Value) -> Value:
    """Of several networks the one with the shortest prefix, for a property that takes a single one."""
    if not isinstance(value, List) or isinstance(value, OpenList):
        return _first(value)
    return min(value, key=_prefix_length) if value else ABSENT


def _prefix_length(network: Value) -> int:
    length = network.rpartition("/")[2] if isinstance(network, str) else ""
    return int(length) if length.isdecimal() else 128


_FREE_KEYS = frozenset({"dockerLabels", "options", "labels", "driverOpts"})


def _container_definitions(value: Value) -> Value:
    """The JSON of ECS's API (`portMappings`), which a template writes with capitals."""
    return _respelled(from_json(value), str.upper, _FREE_KEYS)


def _container_definitions_back(value: Value) -> Value:
    return _respelled(value, str.lower, frozenset(key[0].upper() + key[1:] for key in _FREE_KEYS))


def _respelled(value: Value, first: Callable[[str], str], free: frozenset[str]) -> Value:
    """The structure with the first letter of each key respelled, except below keys that hold the user's own."""
    if isinstance(value, Map):
        known = value.known if isinstance(value, OpenMap) else value
        made = {
            first(key[:1]) + key[1:]: item if key in free else _respelled(item, first, free)
            for key, item in known.items()
        }
        return OpenMap(made.items(), value.rest) if isinstance(value, OpenMap) else Map(made)
    if isinstance(value, OpenList):
        return OpenList([_respelled(item, first, free) for item in value.known], value.rest)
    return List(_respelled(item, first, free) for item in value) if isinstance(value, List) else value


def _named(key: str, content: str, part: Mapping[str, str] | None = None) -> Conversion:
    """Blocks that are entries of a map: `key` names the entry, `content` holds its value; or `part` spells its fields."""

    def entry(block: Value) -> Value:
        if part is None:
            return block[content]
        return Map({name: block[own] for own, name in part.items() if block[own] is not ABSENT})

    def read(value: Value) -> Value:
        if not isinstance(value, List):
            return value
        known = value.known if isinstance(value, OpenList) else value
        texts = [block for block in known if isinstance(block, Map) and isinstance(block[key], str)]
        items = [(block[key], entry(block)) for block in texts]
        rest = value.rest if isinstance(value, OpenList) else None
        if len(texts) < len(known):
            rest = rest or Unknown(f"the {key} of an entry is not known")
        return OpenMap(items, rest) if rest is not None else Map(items)

    def write(value: Value) -> Value:
        if not isinstance(value, Map):
            return value
        if part is None:
            return List(Map({key: name, content: item}) for name, item in value.items())
        return List(
            Map(
                {
                    key: name,
                    **{own: item[theirs] for own, theirs in part.items() if item[theirs] is not ABSENT},
                }
            )
            for name, item in value.items()
        )

    return Conversion(read, write)


def _typed(value: Value) -> Value:
    """Texts as objects that hold one each, under `Type`."""
    if isinstance(value, OpenList):
        return OpenList([Map({"Type": item}) for item in value.known], value.rest)
    return List(Map({"Type": item}) for item in value) if isinstance(value, List) else value


def _typed_back(value: Value) -> Value:
    return List(item["Type"] for item in value) if isinstance(value, List) else value


def _key_rule(name: str) -> Conversion:
    """A prefix or suffix of keys as one rule of a notification's filter."""

    def write(value: Value) -> Value:
        return value["Value"] if isinstance(value, Map) else value

    return Conversion(lambda value: Map({"Name": name, "Value": value}), write)


_DIMENSION = {"key": "Key", "match_options": "MatchOptions", "values": "Values"}


def _threshold(value: Value) -> Value:
    """The JSON text of Cost Explorer's expression for the block that states one threshold."""
    if isinstance(value, Unknown):
        return value
    item = (
        value[0] if isinstance(value, List) and not isinstance(value, OpenList) and len(value) == 1 else value
    )
    dimension = item["dimension"] if isinstance(item, Map) and not isinstance(item, OpenMap) else ABSENT
    if isinstance(dimension, List) and not isinstance(dimension, OpenList) and len(dimension) == 1:
        dimension = dimension[0]
    stated = (
        {theirs: dimension[own] for own, theirs in _DIMENSION.items()} if isinstance(dimension, Map) else {}
    )
    if not stated or len(item) > 1 or not known(Map(stated)):
        return Unknown("the thresholds are put together of several")
    return json.dumps({"Dimensions": stated}, separators=(",", ":"))


def _threshold_back(value: Value) -> Value:
    if isinstance(value, Unknown):
        return value
    found = wrapped(json.loads(value)) if isinstance(value, str) else ABSENT
    stated = found["Dimensions"] if isinstance(found, Map) and list(found) == ["Dimensions"] else ABSENT
    if not isinstance(stated, Map):
        raise ValueError("no threshold of one dimension")
    dimension = Map({own: stated[theirs] for own, theirs in _DIMENSION.items()})
    return List([Map(dimension=List([dimension]))])


BLOCKS = frozenset({"threshold"})
"""Conversions whose Terraform side are nested blocks."""

CONVERSIONS: Mapping[str, Conversion] = {
    "json": Conversion(from_json, _same),
    "tags": _pairs("Key", "Value"),
    "document": Conversion(_document, _same),
    "kafka-servers": Conversion(_kafka_servers, _kafka_servers_back),
    "epoch": Conversion(_epoch, _epoch_back),
    "action-points": _grouped(
        "point", "action", {"name": "Name", "uri": "Uri", "role_arn": "RoleArn", "description": "Description"}
    ),
    "log-types": _grouped("key", "values", None),
    "cost-filters": _grouped("name", "values", None),
    "names": _objects("Name"),
    "repository-names": _plucked("repository_name"),
    "store-arns": _objects("KeyValueStoreARN"),
    "email-subscribers": _objects("Address", {"SubscriptionType": "EMAIL"}),
    "sns-subscribers": _objects("Address", {"SubscriptionType": "SNS"}),
    "filter-groups": Conversion(_filter_groups, _filter_groups_back),
    "remediation-parameters": Conversion(_remediation, _remediation_back),
    "source-mappings": _pairs("Destination", "Source"),
    "dimensions": _pairs("Name", "Value"),
    "parameters": _pairs("ParameterKey", "ParameterValue"),
    "version-weights": _pairs("FunctionVersion", "FunctionWeight"),
    "hash-key": _key_of_table("HASH"),
    "range-key": _key_of_table("RANGE"),
    "method-path": Conversion(_method_path, _method_path_back),
    "threshold": Conversion(_threshold, _threshold_back),
    "bucket-grants": Conversion(grants.from_grants, grants.not_written),
    "access-policy": Conversion(grants.from_policy, grants.not_written),
    "log-group": Conversion(_log_group, _log_group_back),
    "number": Conversion(_number, _text),
    "text": Conversion(_text, _number),
    "not": Conversion(_opposite, _opposite),
    "list": Conversion(_listed, _first),
    "first": Conversion(_first, _listed),
    "minutes": _scaled(60),
    "hours": _scaled(3600),
    "days": _scaled(86400),
    "name": Conversion(_last_part, _same),
    "commas": Conversion(
        _comma_separated, lambda value: ",".join(value) if isinstance(value, List) else value
    ),
    "widest": Conversion(_widest, _listed),
    "prefix-rule": _key_rule("prefix"),
    "suffix-rule": _key_rule("suffix"),
    "container-definitions": Conversion(_container_definitions, _container_definitions_back),
    "named-values": _named("name", "value"),
    "log-publishing": _named(
        "log_type", "", {"cloudwatch_log_group_arn": "CloudWatchLogsLogGroupArn", "enabled": "Enabled"}
    ),
    "response-bodies": _named("key", "", {"content": "Content", "content_type": "ContentType"}),
    "typed": Conversion(_typed, _typed_back),
}
