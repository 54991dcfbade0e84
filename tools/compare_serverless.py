"""Compare what we generate for Serverless Framework configurations with what the framework itself generates.

    compare_serverless.py FOLDER --framework BINARY --cache FOLDER [--show NAME] [--top N] [--keep]

Every configuration of the folder whose provider is AWS is packaged by the framework (version 3, offline, on a copy; plugins are
stubs, environment variables that it names are set to `env-NAME`, missing artifacts and empty packages are filled), and its update
template is kept in the cache folder. Functions, resources and the leaves of their properties are compared by logical id, hashes in ids
masked. `--keep` writes what the framework generates beside each configuration, as `framework.json`, for tests. Configurations that the framework refuses are counted apart; their functions and events are still counted on our side.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from stackworthy.core.value import Unknown
from stackworthy.core.workspace import Disk, Unreadable
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.find import NAMES, is_configuration, other_cloud
from stackworthy.sources.serverless.reader import generated
from stackworthy.sources.serverless.variables import Stated

TEMPLATE = "cloudformation-template-update-stack.json"
EMPTY_ZIP = b"PK\x05\x06" + b"\0" * 18
STUB = "module.exports = class { constructor() { this.hooks = {}; } };"
HASHED = re.compile(
    r"(LambdaVersion)[0-9A-Za-z]{20,}$|(ApiGatewayDeployment)\d+$|(WebsocketsDeployment)(?!Stage)[0-9A-Za-z]{20,}$"
)
OWN = re.compile(r"^ServerlessDeployment|^CustomDash|^IamRoleCustomResources|^Custom")
"""Resources of the framework's own: deployment bucket, and functions that call AWS for it."""

STAND_INS = {"ApiGatewayStage"}
"""What the framework sets up by calls after the deployment, which stands on our graph as a resource."""


class _Loader(yaml.CSafeLoader):
    """Loading that forgets CloudFormation's tags."""


_Loader.add_multi_constructor("!", lambda *_: None)


def package(framework: str, file: Path, seconds: int = 90) -> tuple[str | None, str]:
    """The framework's template of one configuration (None: refused), and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "one" / "two"
        shutil.copytree(
            file.parent, work, ignore=shutil.ignore_patterns("node_modules", ".git"), symlinks=True
        )
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "CI": "1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "SLS_NOTIFICATIONS_MODE": "off",
            "SLS_TELEMETRY_DISABLED": "1",
        }
        texts = [one.read_text(errors="replace") for one in work.rglob("*.y*ml") if one.is_file()]
        environment.update((name, f"env-{name}") for text in texts for name in re.findall(r"env:(\w+)", text))
        prepare(work, file)
        command = [framework, "package", "--stage", "dev", "--region", "us-east-1"]
        try:
            done = subprocess.run(
                command,
                cwd=work,
                env=environment,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None, "timeout"
        made = work / ".serverless" / TEMPLATE
        return (made.read_text() if made.exists() else None), done.stdout + done.stderr


def prepare(work: Path, file: Path) -> None:
    """Put in stubs of plugins, artifacts and files to package, so that packaging gets as far as the template."""
    try:
        config = yaml.load(file.read_text(), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError):
        return
    config = config if isinstance(config, dict) else {}
    plugins = config.get("plugins") or []
    for plugin in plugins.get("modules") or [] if isinstance(plugins, dict) else plugins:
        if isinstance(plugin, str) and not plugin.startswith("."):
            folder = work / "node_modules" / plugin.strip()
            folder.mkdir(parents=True, exist_ok=True)
            described = {"name": plugin, "version": "1.0.0", "main": "index.js"}
            (folder / "package.json").write_text(json.dumps(described))
            (folder / "index.js").write_text(STUB)
    functions = config.get("functions")
    packages = [config.get("package"), *(body.get("package") for body in _maps(functions))]
    for stated in packages:
        artifact = stated.get("artifact") if isinstance(stated, dict) else None
        if isinstance(artifact, str) and "${" not in artifact and not (work / artifact).exists():
            (work / artifact).parent.mkdir(parents=True, exist_ok=True)
            (work / artifact).write_bytes(EMPTY_ZIP)
        for pattern in (
            (stated.get("patterns") or stated.get("include") or []) if isinstance(stated, dict) else []
        ):
            if isinstance(pattern, str) and not pattern.startswith("!") and "${" not in pattern:
                named = work / pattern.replace("/**", "/any").replace("*", "any")
                if not named.exists() and not named.is_dir():
                    named.parent.mkdir(parents=True, exist_ok=True)
                    named.write_text("x")


def _maps(value: Any) -> Iterator[dict[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        yield from (
            body for body in (one.values() if isinstance(one, dict) else ()) if isinstance(body, dict)
        )


def ours(folder: Path, file: Path) -> Build:
    """What we generate."""
    documents = Documents(Disk(folder))
    name = file.relative_to(folder).as_posix()
    texts = [one.read_text(errors="replace") for one in file.parent.rglob("*.y*ml") if one.is_file()]
    named = {f"env:{one}": f"env-{one}" for text in texts for one in re.findall(r"env:(\w+)", text)}
    build, _ = generated(documents, name, Stated("dev", "us-east-1", named), lambda *_: None)
    return build


def masked(resources: dict[str, Any]) -> dict[str, Any]:
    """The resources by ids without hashes."""
    return {_mask(name): body for name, body in resources.items()}


def _mask(name: str) -> str:
    found = HASHED.search(name)
    return name[: found.start()] + next(group for group in found.groups() if group) if found else name


def kept_for_tests(resources: dict[str, Any]) -> dict[str, Any]:
    """Each resource's type and leaves, without what changes from one packaging to the next."""
    changing = ("S3Key", "CodeSha256")
    return {
        name: {
            "Type": body["Type"],
            **{
                path: leaf
                for path, leaf in leaves(body.get("Properties"))
                if leaf is not None and not path.endswith(changing)
            },
        }
        for name, body in resources.items()
    }


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a tree with their paths; logical ids in references without hashes."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        named: Counter[str] = Counter()
        for index, item in enumerate(value):
            if path.endswith(".Statement") and isinstance(item, dict):  # whose order means nothing
                action = repr(item.get("Action")).strip("[]")
                named[action] += 1
                index = f"{action} {named[action]}"
            yield from leaves(item, f"{path}.{index}")
    else:
        # CloudFormation takes a number for a text and the other way round; an empty policy is none.
        empty = value in ("", []) if not isinstance(value, Unknown) else False
        plain = str(value).lower() if isinstance(value, (bool, int, float)) else value
        yield path, None if empty else _mask(plain) if isinstance(plain, str) else plain


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--framework", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--show", default="")
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    for file in sorted(one for name in NAMES for one in options.folder.rglob(name)):
        content = file.read_bytes()
        counts["files"] += 1
        if not is_configuration(file.name, content) or other_cloud(content) is not None:
            counts["of other clouds or other tools"] += 1
            continue
        compare(options, file, counts, causes)
    for name, count in counts.items():
        print(f"{count:7,}  {name}")
    for one, whole in (
        ("functions of the framework, found", "functions of the framework"),
        ("resources of the framework, found", "resources of the framework"),
        ("events on the graph", "events"),
        ("leaves equal", "leaves"),
        ("leaves equal or not known", "leaves"),
    ):
        print(f"{100 * counts[one] / max(counts[whole], 1):7.2f}  % {one}")
    for cause, count in causes.most_common(options.top):
        print(f"{count:7,}  {cause}")


def compare(options: argparse.Namespace, file: Path, counts: Counter[str], causes: Counter[str]) -> None:
    """Compare one configuration."""
    key = str(file.relative_to(options.folder)).replace("/", "__")
    kept, refused = options.cache / f"{key}.json", options.cache / f"{key}.err"
    if not kept.exists() and not refused.exists():
        template, printed = package(options.framework, file)
        (refused if template is None else kept).write_text(printed if template is None else template)
    counts["services"] += 1
    started = time.perf_counter()
    try:
        build = ours(options.folder, file)
    except (Unreadable, Malformed) as error:
        counts["services that cannot be read"] += 1
        causes[f"unreadable: {error}"] += 1
        return
    counts["microseconds"] += int(1e6 * (time.perf_counter() - started))
    routes = {made.route for made in build.made.values()}
    for function in build.service.functions.values():
        counts["functions"] += 1
        counts["functions on the graph"] += function.id in build.resources
        for event in function.events():
            on_graph = any(route[: len(event.route)] == event.route for route in routes)
            counts["events"] += 1
            counts["events on the graph"] += on_graph or _shared(build, event.type)
            if not on_graph and not _shared(build, event.type):
                causes[f"event not on the graph: {event.type} in {key}"] += 1
    if not kept.exists():
        counts["services that the framework refuses"] += 1
        return
    theirs = masked(json.loads(kept.read_text())["Resources"])
    theirs = {name: body for name, body in theirs.items() if not OWN.search(name)}
    if options.keep:
        (file.parent / "framework.json").write_text(
            json.dumps(kept_for_tests(theirs), indent=1, sort_keys=True) + "\n"
        )
    made = masked(build.resources)
    for name, body in theirs.items():
        is_function = body["Type"] == "AWS::Lambda::Function"
        mine = made.get(name)
        found = isinstance(mine, dict) and mine.get("Type") == body["Type"]
        counts["resources of the framework"] += 1
        counts["resources of the framework, found"] += found
        counts["functions of the framework"] += is_function
        counts["functions of the framework, found"] += is_function and found
        if not found or not isinstance(mine, dict):
            causes[
                f"missing {body['Type']} {name if options.show else ''} {key if options.show in key else ''}"
            ] += 1
            continue
        count_leaves(options, key, name, body, mine, counts, causes)
    for name in set(made) - set(theirs) - STAND_INS:
        counts["resources of ours alone"] += 1
        causes[f"ours alone: {made[name].get('Type')} {name} {key}"] += 1


def _shared(build: Build, kind: str) -> bool:
    """Whether events of a type share what they ask for, so that only the first one's route is kept."""
    return kind in ("httpApi", "websocket", "http") and any(
        made.by == "provider" for made in build.made.values()
    )


def count_leaves(
    options: argparse.Namespace,
    key: str,
    name: str,
    theirs: dict[str, Any],
    mine: dict[str, Any],
    counts: Counter[str],
    causes: Counter[str],
) -> None:
    """Compare the properties of one resource leaf by leaf."""
    one = {path: leaf for path, leaf in leaves(theirs.get("Properties")) if leaf is not None and leaf != {}}
    other = dict(leaves(mine.get("Properties")))
    unknown = [path for path, leaf in other.items() if isinstance(leaf, Unknown)]
    for path in one.keys() | {
        p for p, leaf in other.items() if isinstance(leaf, Unknown) or leaf not in (None, {})
    }:
        if path in unknown and not any(other_path.startswith(path) for other_path in one):
            continue
        counts["leaves"] += 1
        mine_leaf = other.get(path)
        if not isinstance(mine_leaf, Unknown) and path in one and path in other and one[path] == mine_leaf:
            counts["leaves equal"] += 1
            counts["leaves equal or not known"] += 1
        elif any(path == start or path.startswith(start + ".") for start in unknown):
            counts["leaves not known"] += 1
            counts["leaves equal or not known"] += 1
        else:
            cause = f"{theirs['Type']} {re.sub(r'[.][0-9]+', '.#', path)[:90]}"
            causes[cause] += 1
            if options.show and options.show in f"{key} {cause}":
                print(key, name, path, "framework:", one.get(path), "ours:", repr(mine_leaf))


if __name__ == "__main__":
    main()
