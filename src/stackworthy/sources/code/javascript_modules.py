"""Where an imported JavaScript or TypeScript module lies: beside the importer, where a configuration maps it, or in a package of the root.

Sources: https://www.typescriptlang.org/docs/handbook/modules/reference.html, https://nodejs.org/api/packages.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from stackworthy.core.workspace import Unreadable, Workspace, inside
from stackworthy.sources.code.javascript_configuration import read_json, read_loose_json

_ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx")
_WRITTEN_FOR = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
"""TypeScript names a file by what it will be compiled to."""
_CONDITIONS = ("source", "import", "module", "node", "require", "default")
_BUILT = ("dist", "lib", "build", "out")
_MAX_EXTENDS = 8
_MAX_FOLDERS = 40
_MAX_FILES = 20_000
_MAX_PATTERNS = 500


class _Known:
    """What was looked up in one workspace; holds no reference to it, so that both can go."""

    def __init__(self) -> None:
        self.folders: dict[str, frozenset[str]] = {}
        self.resolved: dict[tuple[str, str], str | None] = {}
        self.mappings: dict[str, list[tuple[str, str, list[str]]]] = {}
        self.packages: dict[str, dict[str, str]] = {}


_KNOWN: WeakKeyDictionary[Workspace, _Known] = WeakKeyDictionary()


def resolve(workspace: Workspace, importer: str, module: str) -> str | None:
    """The file of a module as it is written in `importer`; None for what lies outside of the root (packages, layers, built-ins)."""
    known = _KNOWN.get(workspace)
    if known is None:
        known = _KNOWN[workspace] = _Known()
    key = posixpath.dirname(importer), module
    if key not in known.resolved:
        known.resolved[key] = _Search(workspace, known).module(key[0], module)
    return known.resolved[key]


class _Search:
    def __init__(self, workspace: Workspace, known: _Known) -> None:
        self.workspace = workspace
        self.known = known

    def module(self, folder: str, module: str) -> str | None:
        if "\0" in module or module.startswith("node:"):
            return None
        if module in (".", "..") or module.startswith(("./", "../")):
            return self.file(posixpath.join(folder, module))
        if module.startswith("#"):
            found = self.own_import(folder, module)
            if found is not None:
                return found
        found = self.mapped(folder, module)
        if found is not None or module.startswith("/"):
            return found
        return self.package(folder, module)

    # Files

    def names(self, folder: str) -> frozenset[str]:
        found = self.known.folders.get(folder)
        if found is None:
            found = self.known.folders[folder] = frozenset(self.workspace.entries(folder))
        return found

    def has(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name in self.names(folder)

    def file(self, stem: str) -> str | None:
        """The file of code that a path without or with its ending means, or the index of the folder that it names."""
        try:
            stem = inside(stem)
        except Unreadable:
            return None
        ending = posixpath.splitext(stem)[1]
        if ending in _ENDINGS and self.has(stem):
            return stem
        bare = stem.removesuffix(ending) if ending else stem
        for other in _WRITTEN_FOR.get(ending, ()):
            if self.has(bare + other):
                return bare + other
        if stem:
            for other in _ENDINGS:
                if self.has(stem + other):
                    return stem + other
        index = posixpath.join(stem, "index")
        for other in _ENDINGS:
            if self.has(index + other):
                return index + other
        main = self.described(stem).get("main") if self.names(stem) else None
        if isinstance(main, str) and posixpath.normpath(main) not in (".", ".."):
            return self.built(stem, main)
        return None

    def built(self, folder: str, written: str) -> str | None:
        """A file that a package names as its own: it, or the source that it will be built from."""
        path = posixpath.normpath(written)
        if path.startswith(("/", "..")):
            return None
        first, _, rest = path.partition("/")
        stems = [path]
        if first in _BUILT and rest:
            bare = posixpath.splitext(rest)[0]
            stems += [f"src/{bare}", bare]
        for stem in stems:
            joined = posixpath.join(folder, stem)
            if joined != folder:
                found = self.plain(joined)
                if found is not None:
                    return found
        return None

    def plain(self, stem: str) -> str | None:
        """A file or index without a look at what the folder's package says, which may name it again."""
        ending = posixpath.splitext(stem)[1]
        bare = stem.removesuffix(ending) if ending else stem
        written_for = [bare + other for other in _WRITTEN_FOR.get(ending, ())]
        named = [stem] if ending in _ENDINGS else []
        added = [stem + other for other in _ENDINGS]
        index = [f"{stem}/index{other}" for other in _ENDINGS]
        return next((path for path in (*named, *written_for, *added, *index) if self.has(path)), None)

    # Configuration

    def above(self, folder: str) -> Iterator[str]:
        """The folder and those around it, up to the root."""
        for _ in range(_MAX_FOLDERS):
            yield folder
            if not folder:
                return
            folder = posixpath.dirname(folder)

    def described(self, folder: str) -> dict[str, Any]:
        """The folder's package.json; empty when there is none."""
        return read_json(self.workspace, posixpath.join(folder, "package.json")) if self.names(folder) else {}

    def mapped(self, folder: str, module: str) -> str | None:
        """What `paths` and `baseUrl` of the nearest tsconfig.json or jsconfig.json make of a module."""
        for candidate in self.above(folder):
            for name in ("tsconfig.json", "jsconfig.json"):
                if name in self.names(candidate):
                    return self.by(posixpath.join(candidate, name), module)
        return None

    def by(self, configuration: str, module: str) -> str | None:
        patterns = self.known.mappings.get(configuration)
        if patterns is None:
            patterns = self.known.mappings[configuration] = self.patterns(configuration)
        for before, after, targets in patterns:
            if after == "\0":
                if module != before:
                    continue
                star = ""
            elif (
                module.startswith(before)
                and module.endswith(after)
                and len(module) >= len(before) + len(after)
            ):
                star = module[len(before) : len(module) - len(after)]
            else:
                continue
            for target in targets:
                found = self.file(target.replace("*", star, 1))
                if found is not None:
                    return found
        return None

    def patterns(self, configuration: str) -> list[tuple[str, str, list[str]]]:
        """What stands before and after the star of each mapping ("\0" after: no star), the longest first, with its targets."""
        base, paths, holder = None, None, ""
        waiting = [configuration]
        seen: set[str] = set()
        while waiting and len(seen) < _MAX_EXTENDS:
            file = waiting.pop(0)
            if file in seen:
                continue
            seen.add(file)
            folder = posixpath.dirname(file)
            stated = read_loose_json(self.workspace, file)
            options = stated.get("compilerOptions")
            options = options if isinstance(options, dict) else {}
            if base is None and isinstance(options.get("baseUrl"), str):
                base = posixpath.join(folder, options["baseUrl"])
            if paths is None and isinstance(options.get("paths"), dict):
                paths, holder = options["paths"], folder
            more = stated.get("extends")
            names = [name for name in (more if isinstance(more, list) else [more]) if isinstance(name, str)]
            waiting.extend(
                posixpath.join(folder, name.removesuffix(".json") + ".json")
                for name in names
                if name.startswith(".")
            )
        found: list[tuple[str, str, list[str]]] = []
        around = base if base is not None else holder
        for pattern, targets in islice((paths or {}).items(), _MAX_PATTERNS):
            before, star, after = pattern.partition("*")
            known = (
                [target for target in targets if isinstance(target, str)] if isinstance(targets, list) else []
            )
            places = [posixpath.join(around, target) for target in known]
            found.append((before, after if star else "\0", places))
        found.sort(key=lambda item: -len(item[0]))
        if base is not None:
            found.append(("", "", [posixpath.join(base, "*")]))
        return found

    def own_import(self, folder: str, module: str) -> str | None:
        """What `imports` of the nearest package.json make of `#name`."""
        for candidate in self.above(folder):
            if "package.json" in self.names(candidate):
                return self.entry(candidate, self.described(candidate).get("imports"), module)
        return None

    def entry(self, folder: str, table: Any, wanted: str) -> str | None:
        """The file that an `imports` or `exports` table gives for a name."""
        if not isinstance(table, dict):
            return None
        for pattern, given in islice(table.items(), _MAX_PATTERNS):
            before, star, after = pattern.partition("*")
            fits = (
                star
                and wanted.startswith(before)
                and wanted.endswith(after)
                and len(wanted) >= len(before) + len(after)
            )
            if not fits and pattern != wanted:
                continue
            part = wanted[len(before) : len(wanted) - len(after)] if fits else ""
            for target in _targets(given):
                found = self.built(folder, target.replace("*", part))
                if found is not None:
                    return found
        return None

    # Packages of the root

    def package(self, folder: str, module: str) -> str | None:
        """The file of a package that the root itself holds: of npm's workspaces, or one that is depended on by its path."""
        parts = module.split("/")
        count = 2 if module.startswith("@") else 1
        name, rest = "/".join(parts[:count]), "/".join(parts[count:])
        if len(parts) < count:
            return None
        place = self.place(folder, name)
        return self.within(place, rest) if place is not None else None

    def place(self, folder: str, name: str) -> str | None:
        for candidate in self.above(folder):
            if "package.json" not in self.names(candidate):
                continue
            stated = self.described(candidate)
            for kind in ("dependencies", "devDependencies"):
                wanted = stated.get(kind)
                version = wanted.get(name) if isinstance(wanted, dict) else None
                if isinstance(version, str) and version.startswith(("file:", "link:")):
                    try:
                        return inside(posixpath.join(candidate, version.partition(":")[2]))
                    except Unreadable:
                        return None
            found = self.members(candidate, stated).get(name)
            if found is not None:
                return found
        return None

    def members(self, folder: str, stated: dict[str, Any]) -> dict[str, str]:
        """The folders of the packages that `workspaces` of a package.json names, by their names."""
        listed = stated.get("workspaces")
        if isinstance(listed, dict):
            listed = listed.get("packages")
        if not isinstance(listed, list):
            return {}
        found = self.known.packages.get(folder)
        if found is None:
            found = self.known.packages[folder] = {}
            for pattern in islice((item for item in listed if isinstance(item, str)), _MAX_PATTERNS):
                self.gather(folder, pattern, found)
        return found

    def gather(self, folder: str, pattern: str, found: dict[str, str]) -> None:
        fixed = pattern.partition("*")[0]
        whole = fixed == pattern
        start = posixpath.join(folder, fixed if whole else posixpath.dirname(fixed))
        try:
            start = inside(start)
            files = [posixpath.join(start, "package.json")] if whole else self.workspace.files(start)
            for file in islice(files, _MAX_FILES):
                if posixpath.basename(file) == "package.json":
                    place = posixpath.dirname(file)
                    name = self.described(place).get("name")
                    if isinstance(name, str):
                        found.setdefault(name, place)
        except Unreadable:
            return

    def within(self, place: str, rest: str) -> str | None:
        stated = self.described(place)
        exports = stated.get("exports")
        if isinstance(exports, (str, list)) or (
            isinstance(exports, dict) and not any(key.startswith(".") for key in exports)
        ):
            exports = {".": exports}
        found = self.entry(place, exports, f"./{rest}" if rest else ".")
        if found is not None:
            return found
        if rest:
            return self.file(posixpath.join(place, rest)) or self.file(posixpath.join(place, "src", rest))
        for key in ("source", "module", "main"):
            written = stated.get(key)
            found = self.built(place, written) if isinstance(written, str) else None
            if found is not None:
                return found
        return self.plain(posixpath.join(place, "index")) or self.plain(posixpath.join(place, "src", "index"))


def _targets(given: Any, depth: int = 5) -> Iterator[str]:
    """The files that an entry names, those of the usual conditions first."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, list) and depth:
        for item in islice(given, 20):
            yield from _targets(item, depth - 1)
    elif isinstance(given, dict) and depth:
        for condition in _CONDITIONS:
            if condition in given:
                yield from _targets(given[condition], depth - 1)
