"""What the author adds in CloudFormation's own words: `resources`, extensions of generated ones, layers, state machines.

https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names, properties
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.properties import places
from stackworthy.sources.serverless.shapes import as_list, as_map, as_text, first, get, is_set, tag_list

SECTIONS = ("Parameters", "Mappings", "Conditions", "Outputs", "Metadata", "Rules")
_ATTRIBUTES = ("Condition", "CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")


def add_resources(build: Build) -> None:
    """Lay the author's CloudFormation over what is generated, then extend what was named as an extension."""
    layers = list(_layers(build))
    for layer, route in layers:
        for section in SECTIONS:
            for name, body in as_map(layer.get(section)).items():
                build.sections.setdefault(section, {})[name] = body
                build.places[section, str(name)] = (*route, section, name)
        if is_set(layer.get("Transform")):
            build.sections["Transform"] = layer["Transform"]
        for name, body in as_map(layer.get("Resources")).items():
            _resource(build, str(name), body, (*route, "Resources", name))
    for layer, route in layers:
        for name, body in as_map(layer.get("extensions")).items():
            _extend(build, str(name), as_map(body), (*route, "extensions", name))


def _layers(build: Build) -> Iterator[tuple[dict[str, Any], Route]]:
    """The maps of `resources`, each with its route: one, or a list of them."""
    stated = build.service.get("resources")
    if not isinstance(stated, list):
        stated, start = [stated], None
    else:
        start = 0
    for index, layer in enumerate(stated):
        route: Route = ("resources",) if start is None else ("resources", index)
        if isinstance(layer, Unknown):
            build.problem(route, f"resources are left out: {layer.reason}", "")
        yield as_map(layer), route


def _resource(build: Build, name: str, body: Any, route: Route) -> None:
    known = build.resources.get(name)
    if known is None or not isinstance(body, dict):
        build.resources[name] = body
        made = build.add_authored(name, route)
        made.places = {"": ((*route, "Properties"),)}
        return
    # The framework merges an author's resource of the same name into its own.
    merged = {**known, **body, "Properties": _merged(known.get("Properties"), body.get("Properties"))}
    build.resources[name] = merged
    made = build.made[name]
    over = {str(key): ((*route, "Properties", key),) for key in as_map(body.get("Properties"))}
    kept = {path: found for path, found in made.places.items() if path.split(".")[0] not in over}
    made.places = {**kept, **over}


def _merged(one: Any, other: Any) -> Any:
    """Maps merged as deep as they go; anything else is replaced."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one if other is None else other
    found = dict(one)
    for key, value in other.items():
        found[key] = _merged(one.get(key), value)
    return found


def _extend(build: Build, name: str, body: dict[str, Any], route: Route) -> None:
    known = build.resources.get(name)
    if not isinstance(known, dict):
        build.problem(route, f"extends {name}, which the framework does not generate", "check the logical id")
        return
    changed = dict(known)
    changed.update((key, body[key]) for key in _ATTRIBUTES if key in body)
    if "DependsOn" in body:
        changed["DependsOn"] = [*as_list(known.get("DependsOn")), *as_list(body["DependsOn"])]
    for part in ("Properties", "Metadata"):
        if isinstance(body.get(part), dict):
            changed[part] = {**as_map(known.get(part)), **body[part]}
    build.resources[name] = changed
    made = build.made[name]
    over = {str(key): ((*route, "Properties", key),) for key in as_map(body.get("Properties"))}
    kept = {path: found for path, found in made.places.items() if path.split(".")[0] not in over}
    made.places = {**kept, **over}


def add_layers(build: Build) -> None:
    """Layers of the service: https://www.serverless.com/framework/docs/providers/aws/guide/layers"""
    for key, body in as_map(build.service.get("layers")).items():
        stated = as_map(body)
        layer = {
            "Content": {"S3Key": Unknown("the code is uploaded at deployment", stated=True)},
            "LayerName": first(stated.get("name"), key),
            "Description": stated.get("description"),
            "LicenseInfo": stated.get("licenseInfo"),
            "CompatibleRuntimes": stated.get("compatibleRuntimes"),
            "CompatibleArchitectures": stated.get("compatibleArchitectures"),
        }
        route: Route = ("layers", key)
        logical_id = names.layer(str(key))
        kept = "Retain" if is_set(stated.get("retain")) else None
        kind = "AWS::Lambda::LayerVersion"
        build.add(
            logical_id, kind, layer, logical_id, route, places(properties.LAYER, route), DeletionPolicy=kept
        )
        for account in as_list(stated.get("allowedAccounts")):
            permission = {
                "Action": "lambda:GetLayerVersion",
                "LayerVersionArn": {"Ref": logical_id},
                "Principal": account,
            }
            name = f"{names.normalized(str(key))}{as_text(account).replace('*', 'Wild')}LambdaLayerPermission"
            kind = "AWS::Lambda::LayerVersionPermission"
            build.add(name, kind, permission, logical_id, (*route, "allowedAccounts"))


def add_state_machines(build: Build) -> None:
    """State machines of the plugin `serverless-step-functions`: https://github.com/serverless-operations/serverless-step-functions"""
    stated = build.service.get("stepFunctions", "stateMachines")
    if stated is None or not any(
        name.startswith("serverless-step-functions") for name in build.service.plugins()
    ):
        return
    for key, body in as_map(stated).items():
        own = as_map(body)
        named = as_text(own.get("name"))
        logical_id = as_text(own.get("id")) or (
            names.alphanumeric(named) or f"{names.normalized(str(key))}StepFunctionsStateMachine"
        )
        route: Route = ("stepFunctions", "stateMachines", key)
        role = own.get("role")
        known = Unknown("the plugin writes a role for the state machine", stated=True)
        machine = {
            "Definition": _functions_by_id(build, own.get("definition")),
            "StateMachineName": own.get("name"),
            "StateMachineType": own.get("type"),
            "RoleArn": role if is_set(role) else known,
            "Tags": tag_list(own.get("tags")),
            "TracingConfiguration": {"Enabled": get(own, "tracingConfig", "enabled")}
            if "tracingConfig" in own
            else None,
            "LoggingConfiguration": _logging(own.get("loggingConfig")),
        }
        table: dict[str, tuple[Route, ...]] = {
            "Definition": ((*route, "definition"),),
            "StateMachineName": ((*route, "name"),),
            "StateMachineType": ((*route, "type"),),
            "RoleArn": ((*route, "role"),),
            "TracingConfiguration.Enabled": ((*route, "tracingConfig", "enabled"),),
            "LoggingConfiguration": ((*route, "loggingConfig"),),
            "LoggingConfiguration.Level": ((*route, "loggingConfig", "level"),),
            "Tags": ((*route, "tags"),),
        }
        build.add(logical_id, "AWS::StepFunctions::StateMachine", machine, logical_id, route, table)


def _logging(stated: Any) -> Any:
    if not isinstance(stated, dict):
        return stated
    destinations = [
        {"CloudWatchLogsLogGroup": {"LogGroupArn": arn}} for arn in as_list(stated.get("destinations"))
    ]
    config = {
        "Level": stated.get("level"),
        "IncludeExecutionData": stated.get("includeExecutionData"),
        "Destinations": destinations or None,
    }
    return {name: value for name, value in config.items() if value is not None}


def _functions_by_id(build: Build, tree: Any) -> Any:
    """A definition in which functions are named as in `functions`, with the logical ids that they get."""
    if isinstance(tree, list):
        return [_functions_by_id(build, item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    name = get(tree, "Fn::GetAtt", 0) if len(tree) == 1 else None
    function = build.service.functions.get(name) if isinstance(name, str) else None
    if function is not None:
        return {"Fn::GetAtt": [function.id, *tree["Fn::GetAtt"][1:]]}
    return {key: _functions_by_id(build, item) for key, item in tree.items()}
