"""Rules of a team's own: folders of Python files, and packages with the entry point group `stackworthy.rules`.

Rules are code, and the reviewed tree may be a stranger's. So what lies in the reviewed root is loaded only when the caller says so (`--trust-rules`),
never because a configuration in that root names it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.finding import Pillar, Severity
from stackworthy.core.fix import Fix
from stackworthy.core.review import StackReview
from stackworthy.core.rule import Rule
from stackworthy.core.value import NotKnown
from stackworthy.rules import all_rules, install

GROUP = "stackworthy.rules"
FAILED = "own rule failed at "
"""How the reason of a verdict begins whose rule raised an error."""

_TRUST = (
    "--trust-rules loads them; never give it for what strangers may change, a fork's pull request for one"
)


class Loaded(msgspec.Struct):
    """The rules by where they come from, with their files; what was wrong; a digest of their code (b"" for none).

    `left_out`: some were not loaded for want of trust, so that nobody can tell which ids they have.
    """

    rules: dict[str, tuple[Rule, ...]] = {}
    files: dict[str, str] = {}
    diagnostics: list[Diagnostic] = []
    digest: bytes = b""
    left_out: bool = False


_loaded = Loaded()


def loaded() -> Loaded:
    """What takes part now."""
    return _loaded


def load(
    root: str, inside: Iterable[str] = (), typed: Iterable[str] = (), *, trusted: bool = False
) -> Loaded:
    """Let own rules take part from now on, instead of those loaded before.

    `inside` are the folders that the configuration names, relative to the root; `typed` those that the caller named. Whatever lies in the root needs `trusted`.
    """
    global _loaded
    made = Loaded({}, {}, [], b"")
    digest = hashlib.sha256()
    root = os.path.realpath(root)
    named = (*(os.path.join(root, path) for path in inside), *typed)
    for folder in dict.fromkeys(map(os.path.realpath, named)):
        shown = os.path.relpath(folder, root) if _within(folder, root) else folder
        if _within(folder, root) and not trusted:
            what = "the rules in it were not loaded: it lies in the reviewed tree"
            made.diagnostics.append(Diagnostic(shown, 0, "warning", what, _TRUST))
            made.left_out = True
            continue
        _folder(folder, shown, made, digest.update)
    _entry_points(root, trusted, made, digest.update)
    if made.rules:
        _refuse_clashes(made)
    made.digest = digest.digest() if made.rules else b""
    install(made.rules)
    _loaded = made
    return made


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _folder(folder: str, shown: str, made: Loaded, update: Callable[[bytes], None]) -> None:
    """The rules of each file of a folder, or of one file."""
    place = Path(folder)
    if not place.exists():
        hint = "correct own_rules"
        made.diagnostics.append(Diagnostic(shown, 0, "error", "this folder of rules does not exist", hint))
        return
    for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
        name = os.path.normpath(f"{shown}/{file.name}") if place.is_dir() else file.name
        try:
            source = file.read_bytes()
        except OSError as error:
            made.diagnostics.append(Diagnostic(name, 0, "error", f"cannot be read: {error.strerror}"))
            continue
        update(f"{file}\0{len(source)}\0".encode("utf-8", "surrogateescape") + source)
        module = ModuleType(f"stackworthy_own_rules.{file.stem}")
        module.__file__ = str(file)
        try:
            exec(compile(source, str(file), "exec"), module.__dict__)  # noqa: S102  what the caller trusts
        except SyntaxError as error:
            what = f"is no Python: {error.msg}"
            made.diagnostics.append(Diagnostic(name, error.lineno or 0, "error", what, "mend the rule"))
        except (Exception, SystemExit) as error:  # noqa: BLE001  a team's code may raise anything
            made.diagnostics.append(_broken(name, str(file), error))
        else:
            _take(name, str(file), getattr(module, "RULES", None), made)


def _broken(name: str, file: str, error: BaseException) -> Diagnostic:
    said = " ".join(str(error).split())[:300]
    what = f"cannot be loaded: {type(error).__name__}: {said}"
    return Diagnostic(name, _line(file, error), "error", what, "mend the rule")


def _line(file: str, error: BaseException) -> int:
    """The innermost line of the file that the error went through, 0 for none."""
    lines = [
        number for frame, number in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file
    ]
    return lines[-1] if lines else 0


def _take(name: str, file: str, rules: Any, made: Loaded) -> None:
    """Take in the `RULES` of a module, each held so that its errors name their line."""
    if not isinstance(rules, (list, tuple)):
        hint = "end the file with RULES = (MyRule(),)"
        made.diagnostics.append(Diagnostic(name, 0, "error", "has no RULES", hint))
        return
    taken = []
    for rule in rules:
        wrong = _wrong(rule)
        if wrong:
            hint = "stackworthy test-rules says more"
            made.diagnostics.append(Diagnostic(name, _class_line(file, rule), "error", wrong, hint))
        else:
            taken.append(_held(rule, file, name))
    made.rules[name] = tuple(taken)
    made.files[name] = file


def _class_line(file: str, rule: Any) -> int:
    """The line on which the class of a rule begins, 0 when it is not in this file."""
    start = f"class {type(rule).__name__}"
    try:
        lines = Path(file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return next((number for number, line in enumerate(lines, 1) if line.startswith(start)), 0)


def _wrong(rule: Any) -> str:
    """What keeps an object from being a rule, "" for nothing."""
    if not isinstance(rule, Rule):
        return f"RULES holds {rule!r:.100}, which is no instance of Rule"
    missing = [name for name in ("on", "pillar", "severity", "message") if not hasattr(rule, name)]
    if missing:
        return f"the rule {rule.id} does not state {', '.join(missing)}"
    if not isinstance(rule.pillar, Pillar) or not isinstance(rule.severity, Severity):
        return f"the pillar or the severity of the rule {rule.id} is none"
    return ""


def _held(rule: Rule, file: str, name: str) -> Rule:
    """The rule, whose errors become a reason that names file and line. One yielded before stands."""
    check, fix = rule.check, rule.fix
    for optional in ("references", "bad", "good"):
        if not hasattr(rule, optional):
            setattr(type(rule), optional, ())

    def checked(subject: Any) -> Iterator[Any]:
        try:
            yield from check(subject)
        except NotKnown:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  a team's code may raise anything
            said = " ".join(str(error).split())[:200]
            raise NotKnown(f"{FAILED}{name}:{_line(file, error)}: {type(error).__name__}: {said}") from None

    def fixed(finding: Any) -> Fix | None:
        try:
            return fix(finding)
        except Exception:  # noqa: BLE001  a fault without its fix is still a fault
            return None

    rule.check, rule.fix = checked, fixed  # type: ignore[method-assign]
    return rule


def _entry_points(root: str, trusted: bool, made: Loaded, update: Callable[[bytes], None]) -> None:
    """The rules of installed packages. One that lies in the reviewed root, but not where this interpreter's packages are, came with the tree."""
    if not _some_package_has_rules():
        return
    import sysconfig
    from importlib.metadata import entry_points

    own = tuple(os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        place = os.path.realpath(str(point.dist.locate_file(""))) if point.dist is not None else root
        name = f"{point.name} ({point.value})"
        if _within(place, root) and place not in own and not trusted:
            what = "the rules of this package were not loaded: it lies in the reviewed tree"
            made.diagnostics.append(Diagnostic(name, 0, "warning", what, _TRUST))
            made.left_out = True
            continue
        try:
            module = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001  a team's code may raise anything
            made.diagnostics.append(_broken(name, "", error))
            continue
        file = str(getattr(module, "__file__", "") or "")
        for source in sorted(Path(file).parent.rglob("*.py")) if file else ():
            update(source.read_bytes())
        _take(name, file, getattr(module, "RULES", None), made)


def _some_package_has_rules() -> bool:
    """Whether a package on the path states the group. Asking importlib costs as much as reviewing a stack."""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                try:
                    with open(
                        f"{folder or '.'}/{name}/entry_points.txt", encoding="utf-8", errors="replace"
                    ) as stream:
                        if f"[{GROUP}]" in stream.read():
                            return True
                except OSError:
                    continue
    return False


def _refuse_clashes(made: Loaded) -> None:
    """Leave out a rule whose id or former id another has: verdicts, suppressions and baselines could not tell them apart."""
    install({})
    taken = {name: "a built-in rule" for rule in all_rules() for name in (rule.id, *rule.aliases)}
    for where, rules in made.rules.items():
        kept = []
        for rule in rules:
            clash = next((name for name in (rule.id, *rule.aliases) if name in taken), None)
            if clash is None:
                kept.append(rule)
                taken.update(dict.fromkeys((rule.id, *rule.aliases), where))
                continue
            what = f"the rule {clash} was left out: {taken[clash]} has this id already"
            line = _class_line(made.files[where], rule)
            made.diagnostics.append(Diagnostic(where, line, "error", what, "rename the class"))
        made.rules[where] = tuple(kept)


def failures(stacks: Iterable[StackReview]) -> list[Diagnostic]:
    """One diagnostic for each place at which an own rule raised an error."""
    if not _loaded.rules:
        return []
    reasons = {
        verdict.reason: verdict.rule
        for stack in stacks
        for verdict in stack.verdicts
        if verdict.state == "not-assessed" and verdict.reason.startswith(FAILED)
    }
    found: dict[tuple[str, int], Diagnostic] = {}
    for reason, rule in reasons.items():
        place, _, said = reason.removeprefix(FAILED).partition(": ")
        file, _, line = place.rpartition(":")
        found.setdefault(
            (file, int(line)),
            Diagnostic(file, int(line), "error", f"the rule {rule} failed: {said}", "mend the rule"),
        )
    return list(found.values())
