"""From a root folder, or a plan as `terraform show -json` prints it, to the graph, in one environment."""

from __future__ import annotations

import posixpath

from stackworthy.aws.relations import RELATORS
from stackworthy.aws.vocabulary import VOCABULARY
from stackworthy.config import Environment, Settings
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Span
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.api_routes import HTTP_API, REST_API, Place, add_routes
from stackworthy.sources.stack import Reading, StackRef, with_code
from stackworthy.sources.terraform import model
from stackworthy.sources.terraform.mapping.graph import Stack, add_resources
from stackworthy.sources.terraform.plan import PlanRoot, load_plan
from stackworthy.sources.terraform.root import Root, load


def read(
    workspace: Workspace, stack: StackRef, settings: Settings, environment: Environment | None = None
) -> Reading:
    """The graph of a root module with all that it calls. What is wrong with it stands in the diagnostics."""
    root: Root | PlanRoot
    if stack.path.endswith(".json"):
        root = load_plan(workspace, stack.path)
    else:
        root = load(workspace, stack.path, _settings(settings, environment))
    graph = Graph(VOCABULARY, RELATORS, path=stack.path, format=stack.format)
    with_code(graph, workspace)
    graph.file = _first_file(root) if isinstance(root, Root) else stack.path
    add_resources(graph, Stack(root))
    for api in graph.of(REST_API, HTTP_API):
        add_routes(graph, api, _place(api.origin))
    return Reading(graph, _Locator(workspace, root), root.diagnostics)


def _first_file(root: Root) -> str:
    """The file at which a fault of the whole root is shown: main.tf, else the first that the root holds."""
    inside = [file for file in root.files if posixpath.dirname(file) == root.folder and ".tf" in file]
    main = posixpath.join(root.folder, "main.tf")
    return main if main in inside or not inside else min(inside)


def _settings(settings: Settings, environment: Environment | None) -> model.Settings:
    variables = dict(settings.variables)
    var_files = settings.var_files
    if environment is None:
        return model.Settings(variables, var_files)
    return model.Settings(
        {**environment.variables, **variables},
        (*environment.var_files, *var_files),
        environment.workspace or "default",
    )


def _place(origin: Origin) -> Place:
    """Routes of an OpenAPI document are shown at the API that holds it."""
    return lambda _: (origin, None)


class _Locator:
    """Finds the places of a root's values."""

    def __init__(self, workspace: Workspace, root: Root | PlanRoot) -> None:
        self._workspace = workspace
        self._root = root

    def span(self, origin: Origin) -> Span:
        """The place of an origin."""
        return self._root.span(origin)

    def line(self, origin: Origin) -> int:
        """The line of an origin."""
        return self._root.span(origin).line

    def region(self, origin: Origin) -> tuple[int, int]:
        """The first and last line of the block that an origin lies in; of its own place in a plan."""
        if isinstance(self._root, Root):
            return self._root.region(origin)
        span = self._root.span(origin)
        return span.line, max(span.line, span.end_line)

    def text(self, file: str) -> str:
        """The file's text; empty when it cannot be read (a value from the command line has no file)."""
        try:
            return self._workspace.read(file).decode("utf-8", "replace").removeprefix("\ufeff")
        except Unreadable:
            return ""
