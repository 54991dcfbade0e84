"""The source of the sites that a stack serves: where it lies, and what makes us believe so.

A template does not say which folder is published to its bucket. A folder is taken for a frontend when it stands beside the stack under a
name that people give to frontends, and its package.json depends on a framework for browsers, or an index.html stands in it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from stackworthy.core.finding import CodePlace, Confidence, Finding
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import Value
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.code.javascript_configuration import read_json
from stackworthy.sources.code.text import JAVASCRIPT, NotParsed

if TYPE_CHECKING:
    from stackworthy.core.code import Node
    from stackworthy.sources.code.unit import Unit

FRAMEWORKS = (
    "react",
    "preact",
    "vue",
    "@angular/core",
    "svelte",
    "solid-js",
    "lit",
    "next",
    "nuxt",
    "gatsby",
    "astro",
    "aws-amplify",
)
"""Packages that run in browsers, the most telling first."""

_NAMES = (
    *(
        "frontend",
        "frontends",
        "front-end",
        "front",
        "client",
        "clients",
        "web",
        "webapp",
        "web-app",
        "website",
    ),
    *("websites", "site", "sites", "ui", "spa", "portal", "dashboard", "www", "apps", "packages"),
    *("src/frontend", "src/web", "src/client", "src/ui", "src/website", "src/webapp"),
    *("source/frontend", "source/webapp", "source/web", "source/ui", "source/console", "source/portal"),
)
_INFRASTRUCTURE = frozenset(
    {
        "infrastructure",
        "infra",
        "cdk",
        "cdk.out",
        "sam",
        "cloudformation",
        "cfn",
        "terraform",
        "iac",
        "deploy",
    }
    | {
        "deployment",
        "template",
        "templates",
        "stacks",
        "backend",
        "back-end",
        "server",
        "api",
        "aws",
        "services",
    }
)
"""Folders of templates beside which, rather than in which, a frontend stands."""
_BUILT = frozenset(
    {"dist", "build", "out", "cdk.out", ".next", ".nuxt", "coverage", "vendor", "public", "static", "assets"}
    | {"test", "tests", "__tests__", "__mocks__", "mocks", "e2e", "cypress", "stories"}
)
_UNREAD = re.compile(r"\.(?:test|spec|stories|min|config|d)\.[a-z]+$")
_MAX_CLIMB = 3
_MAX_LISTED = 3000
_MAX_FILES = 300
_MAX_BYTES = 2 * 1024 * 1024
_SITE = re.compile(r"site|web|front|static|spa|hosting|client|(?:^|[^a-z])ui(?:[^a-z]|$)", re.IGNORECASE)
BUCKET, DISTRIBUTION = "AWS::S3::Bucket", "AWS::CloudFront::Distribution"


class Frontend(msgspec.Struct, eq=False):
    """The source of one site. `evidence` says why it is taken for one; `units` are its parsed files, `unread` those that are not."""

    folder: str
    framework: str
    evidence: str
    confidence: Confidence
    units: list[Unit]
    unread: list[str]


def frontends(graph: Graph) -> list[Frontend]:
    """The frontends that stand beside a stack. Worked out once."""
    found: list[Frontend] | None = graph.memo.get("frontends")
    if found is None:
        workspace = graph.workspace
        found = graph.memo["frontends"] = list(_beside(graph, workspace)) if workspace is not None else []
    return found


def _beside(graph: Graph, workspace: Workspace) -> Iterator[Frontend]:
    seen: set[str] = set()
    base = posixpath.dirname(graph.file)
    for _ in range(_MAX_CLIMB):
        for folder in (*(posixpath.join(base, name) for name in _NAMES), base):
            if folder == base or workspace.is_folder(folder):
                for frontend in _below(workspace, folder, deep=folder != base):
                    if not any(
                        frontend.folder == one or frontend.folder.startswith(one + "/") for one in seen
                    ):
                        seen.add(frontend.folder)
                        yield frontend
        if posixpath.basename(base) not in _INFRASTRUCTURE:
            return
        base = posixpath.dirname(base)


def _below(workspace: Workspace, folder: str, *, deep: bool) -> Iterator[Frontend]:
    """The frontends in a folder; the folder itself only where the stack itself stands."""
    described: dict[str, str] = {}
    pages: set[str] = set()
    files = []
    try:
        names = (
            workspace.files(folder)
            if deep
            else (posixpath.join(folder, n) for n in workspace.entries(folder))
        )
        files = list(islice(names, _MAX_LISTED))
    except Unreadable:
        return
    for file in files:
        place, name = posixpath.split(file)
        if name == "package.json":
            framework = _framework(read_json(workspace, file))
            if framework:
                described[place] = framework
        elif name == "index.html":
            pages.add(posixpath.dirname(place) if posixpath.basename(place) in ("public", "src") else place)
    if not deep and described:
        files = list(islice(workspace.files(folder), _MAX_LISTED))
    for place in sorted({*described, *(pages if deep else ())}):
        if _BUILT.isdisjoint(place.removeprefix(folder).split("/")):
            framework = described.get(place, "")
            units, unread = _units(workspace, place, files)
            if units:
                yield _frontend(place, framework, place in pages, units, unread)


def _framework(package: dict[str, Any]) -> str:
    needed = package.get("dependencies")
    return next((name for name in FRAMEWORKS if name in needed), "") if isinstance(needed, dict) else ""


def _frontend(folder: str, framework: str, page: bool, units: list[Unit], unread: list[str]) -> Frontend:
    said = []
    if framework:
        said.append(f"{posixpath.join(folder, 'package.json')} depends on {framework}")
    if page:
        said.append("has an index.html beside it" if framework else f"{folder or '.'} has an index.html")
    confidence = Confidence.HIGH if framework and page else Confidence.MEDIUM
    return Frontend(folder, framework, " and ".join(said), confidence, units, unread)


def _units(workspace: Workspace, folder: str, files: list[str]) -> tuple[list[Unit], list[str]]:
    """The parsed files of a frontend. Beyond the limits the rest is named as unread."""
    from stackworthy.sources.code.parsing import sources_of

    within = folder + "/" if folder else ""
    units: list[Unit] = []
    unread: list[str] = []
    total = 0
    for file in files:
        if not file.startswith(within):
            continue
        rest = file.removeprefix(within)
        if file.endswith((".vue", ".svelte", ".astro")):
            unread.append(file)
        if (
            not file.endswith(JAVASCRIPT)
            or _UNREAD.search(rest)
            or not _BUILT.isdisjoint(rest.split("/")[:-1])
        ):
            continue
        if len(units) >= _MAX_FILES or total > _MAX_BYTES:
            unread.append(file)
            continue
        try:
            unit = sources_of(workspace).unit(file)
        except NotParsed:
            unread.append(file)
            continue
        total += len(unit.module.text)
        if unit.module.problems:
            unread.append(file)
        units.append(unit)
    return units, unread


def site_of(graph: Graph) -> Resource | None:
    """The bucket, else the distribution, that serves a site, by what it states or is called; None when there is none."""
    buckets = graph.of(BUCKET)
    for bucket in buckets:
        if bucket.stated("WebsiteConfiguration") or _SITE.search(bucket.address):
            return bucket
    distributions = graph.of(DISTRIBUTION)
    return distributions[0] if distributions else None


class Numbering:
    """Makes findings of one rule; those at places of the same name are told apart by their order."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def finding(self, resource: Resource, unit: Unit, node: Node, what: str, /, **evidence: Value) -> Finding:
        """A fault at a node of a frontend, shown at the resource that serves it or that it calls."""
        from stackworthy.sources.code.handler import span

        scope = unit.scope(node)
        part = f"{posixpath.basename(unit.module.file)} {scope.name or 'top'} {what}"
        count = self.seen[part] = self.seen.get(part, 0) + 1
        part = part if count == 1 else f"{part} #{count}"
        around = span(unit.module, scope.node) if scope.node is not None else None
        return Finding(resource, part, evidence, (), CodePlace(span(unit.module, node), part, around))
