"""What the evaluation of one root shares: parsed files, limits on work, and diagnostics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.value import NotKnown, Unknown, Value
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.terraform.bounds import TooLarge, survey
from stackworthy.sources.terraform.expressions import Literal
from stackworthy.sources.terraform.hcl_syntax import read_file
from stackworthy.sources.terraform.syntax import Problem

if TYPE_CHECKING:
    from stackworthy.core.workspace import Workspace
    from stackworthy.sources.terraform.expressions import Expression, Scope
    from stackworthy.sources.terraform.hcl_syntax import HclFile
    from stackworthy.sources.terraform.json_syntax import JsonFile
    from stackworthy.sources.terraform.syntax import Attribute

MAX_HOPS = 80
"""References from local to local, argument to argument, and so on, may be this long."""
WORK_PER_VALUE = 300_000
WORK_PER_ROOT = 3_000_000
"""Loop rounds and hundreds of characters; a round takes a few microseconds."""
WORK_PER_CLOCK = 2_000
MAX_SECONDS = 10.0
"""Processor time for all work on one root, whatever it counts for."""
MAX_INSTANCES = 2_000
MAX_INSTANCES_PER_ROOT = 20_000
MAX_MODULES_PER_ROOT = 1_000

_EXHAUSTED = "is not worked out: the root takes too much work"


class OutOfWork(NotKnown):
    """A value, or the whole root, takes more work than it is given."""


class Engine:
    """Limits, files and diagnostics of one root."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.diagnostics: list[Diagnostic] = []
        self.files: dict[str, HclFile | JsonFile | None] = {}
        self.instances = 0
        self.modules = 0
        self._seen: set[tuple[str, int, str]] = set()
        self._hops = 0
        self._value_work = WORK_PER_VALUE
        self._root_work = WORK_PER_ROOT
        self._said_exhausted = False
        self._unclocked = 0
        self._began = time.process_time()

    def charge(self, work: int) -> None:
        """Count work; raises `OutOfWork` when the value or the root has had enough."""
        self._value_work -= work
        self._root_work -= work
        if self._value_work < 0:
            raise OutOfWork("takes more work than one value is given")
        if self._root_work < 0:
            raise OutOfWork(_EXHAUSTED)
        self._unclocked += work
        if self._unclocked > WORK_PER_CLOCK:
            self._unclocked = 0
            if time.process_time() - self._began > MAX_SECONDS:
                self._root_work = -1

    def diagnose(self, file: str, line: int, message: str, hint: str = "", level: str = "error") -> None:
        """Say what is wrong, once for a place and a remedy, however many instances meet it."""
        key = (file, line, hint or message)
        if key not in self._seen:
            self._seen.add(key)
            self.diagnostics.append(Diagnostic(file, line, level, message, hint))

    def parsed(self, path: str) -> HclFile | JsonFile | None:
        """The file's blocks and attributes; None, with a diagnostic, when it cannot be read."""
        if path not in self.files:
            self.files[path] = self._parse(path)
        return self.files[path]

    def _parse(self, path: str) -> HclFile | JsonFile | None:
        file: HclFile | JsonFile
        try:
            data = self.workspace.read(path)
            if path.endswith(".json"):
                from stackworthy.sources.terraform.json_syntax import JsonFile

                file = JsonFile(path, data)
            else:
                file = read_file(path, data)
        except Unreadable as error:
            self.diagnose(path, 0, error.message, error.hint)
            return None
        except Problem as problem:
            self.diagnose(path, problem.line, problem.message, problem.hint)
            return None
        found = file.problem()
        if found is not None:
            self.diagnose(path, found.line, found.message, found.hint)
        return file

    def release(self) -> None:
        """Let all syntax trees go."""
        for file in self.files.values():
            if file is not None:
                file.release()

    def run(self, owner: str, name: str, attribute: Attribute, scope: Scope) -> Value:
        """The value of an attribute; what goes wrong on the way makes it unknown and is said once, of `owner.name`."""
        expression = attribute.expression
        if type(expression) is Literal:
            return expression.value
        return self.evaluate(owner, name, expression, scope, attribute)

    def evaluate(
        self, owner: str, name: str, expression: Expression, scope: Scope, place: Attribute | None
    ) -> Value:
        """The value of an expression that belongs to the attribute `place`."""
        what = (owner, name)
        if self._hops >= MAX_HOPS:
            return self._trouble(what, place, f"hangs on more than {MAX_HOPS} others", "shorten the chain")
        outermost = self._hops == 0
        if outermost:
            self._value_work = WORK_PER_VALUE
        self._hops += 1
        try:
            value = expression.evaluate(scope)
            if isinstance(value, (list, dict)):
                survey(value)
        except OutOfWork as error:
            self._value_work = WORK_PER_VALUE
            if self._root_work < 0:
                return self._exhausted(what, place)
            return self._trouble(what, place, error.reason, "make it smaller, or split it")
        except RecursionError:
            return self._trouble(what, place, "is nested too deeply", "flatten it")
        except TooLarge as error:
            return self._trouble(what, place, f"comes to too much: {error.reason}", "make it smaller")
        except NotKnown as error:
            return Unknown(error.reason)
        finally:
            self._hops -= 1
        return value

    def _exhausted(self, named: tuple[str, str], place: Attribute | None) -> Unknown:
        """What is left unknown when the root has had all its work: said once, where it ran out."""
        what = ".".join(part for part in named if part)
        if not self._said_exhausted and place is not None:
            self._said_exhausted = True
            hint = "make loops and values smaller, or split the root"
            self.diagnose(place.path, place.line, f"{what} and what comes after it {_EXHAUSTED}", hint)
        return Unknown(f"{what} {_EXHAUSTED}", f"{what} in {place.path if place else ''}")

    def _trouble(self, named: tuple[str, str], place: Attribute | None, message: str, hint: str) -> Unknown:
        what = ".".join(part for part in named if part)
        if place is not None:
            self.diagnose(place.path, place.line, f"{what} {message}", hint)
        return Unknown(f"{what} {message}", f"{what} in {place.path if place else ''}")
