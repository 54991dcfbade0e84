"""From outcomes to plain data: findings with places, trails and owners, merged over instances and environments."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stackworthy.config import Environment, Settings
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.finding import CodePlace, Finding, Guard, Severity, finding_id
from stackworthy.core.fix import AddParameter, AddResource, Allow, Always, Change, Fix, Remove, Rewrite, Set
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Span, Trail
from stackworthy.core.path import general
from stackworthy.core.plain import plain
from stackworthy.core.resource import Resource
from stackworthy.core.review import (
    DiagnosticRecord,
    FindingRecord,
    FixRecord,
    LocationRecord,
    MadeByRecord,
    ResourceRecord,
    StackReview,
    StepRecord,
    SuppressionRecord,
    VerdictRecord,
)
from stackworthy.core.rule import Rule
from stackworthy.core.value import NotKnown, Value, show
from stackworthy.core.verdict import State
from stackworthy.core.workspace import Unreadable
from stackworthy.judge.engine import Outcome
from stackworthy.judge.suppressions import Suppression, in_comments, in_metadata, strangers
from stackworthy.owners import Owners
from stackworthy.sources.stack import Reading, StackRef

CODE_FILES = (".py", ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx")
_WORST = {State.FAIL: 3, State.SUPPRESSED: 2, State.NOT_ASSESSED: 1, State.PASS: 0}
_STATES: dict[State, Any] = {state: state.value for state in State}


class _Evidence(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def message(rule: Rule, evidence: Mapping[str, Value]) -> str:
    """The rule's message with the evidence filled in."""
    return rule.message.format_map(_Evidence({name: show(value) for name, value in evidence.items()}))


class Recorder(msgspec.Struct):
    """Gathers what all environments say of one stack. `base` is the reviewed path: files are shown relative to it."""

    stack: StackRef
    settings: Settings
    owners: Owners
    base: str
    today: datetime.date
    resources: dict[str, ResourceRecord] = msgspec.field(default_factory=dict)
    findings: dict[tuple[str, ...], FindingRecord] = msgspec.field(default_factory=dict)
    suppressed: dict[tuple[str, ...], FindingRecord] = msgspec.field(default_factory=dict)
    identities: dict[tuple[str, bool], tuple[str, ...]] = msgspec.field(default_factory=dict)
    verdicts: dict[tuple[str, str], dict[str, tuple[State, str]]] = msgspec.field(default_factory=dict)
    diagnostics: dict[Diagnostic, None] = msgspec.field(default_factory=dict)
    comments: dict[str, list[Suppression]] = msgspec.field(default_factory=dict)
    dated: bool = False
    """Whether a suppression that ends was looked at: tomorrow the review may be another."""

    def relative(self, file: str) -> str:
        """A file's path as the report shows it."""
        return posixpath.relpath(file or ".", self.base) if self.base else file or "."

    def add(self, reading: Reading, outcomes: list[Outcome], environment: Environment | None) -> None:
        """Take in one environment's graph and outcomes."""
        self.diagnostics.update(dict.fromkeys(reading.diagnostics))
        self.diagnostics.update(dict.fromkeys(reading.graph.code_diagnostics))
        self._resources(reading)
        name = environment.name if environment else ""
        judged = {(outcome.rule.id, outcome.address) for outcome in outcomes}
        for outcome in outcomes:
            if outcome.state is State.FAIL:
                self._fail(outcome, reading, environment)
            else:
                reason = outcome.reason or (self._evidence(outcome.guards) if outcome.guards else "")
                self._verdict(outcome.rule.id, outcome.address, name, outcome.state, reason)
                maker = _maker(reading.graph, outcome.address)
                if maker and (outcome.rule.id, maker) not in judged:
                    self._verdict(outcome.rule.id, maker, name, outcome.state, outcome.reason)

    def _evidence(self, guards: list[Guard]) -> str:
        """What protections a pass rests on, and where they stand."""
        return "; ".join(
            f"{guard.what} ({self.relative(guard.span.file)}:{_lines(guard.span)})" for guard in guards
        )

    def review(self, environments: list[str]) -> StackReview:
        """The stack's review, once all environments are in."""
        findings = sorted(self.findings.values(), key=_order)
        return StackReview(
            path=self.relative(self.stack.path),
            format=self.stack.format,
            environments=environments,
            resources=list(self.resources.values()),
            verdicts=list(self._verdict_records(environments)),
            findings=findings,
            suppressed=sorted(self.suppressed.values(), key=_order),
            diagnostics=[diagnostic_record(item, self.relative) for item in self.diagnostics],
        )

    def _resources(self, reading: Reading) -> None:
        for resource in reading.graph:
            if resource.address in self.resources:
                self.resources[resource.address].present |= resource.present
                continue
            self.resources[resource.address] = ResourceRecord(
                address=resource.address,
                kind=resource.kind,
                type=resource.type,
                file=self.relative(resource.origin.file),
                line=reading.locator.line(resource.origin),
                region=resource.region,
                account=resource.account,
                part_of=resource.part_of,
                made_by=MadeByRecord(resource.made_by.address, resource.made_by.path)
                if resource.made_by
                else None,
                when=resource.when.expression if resource.when else None,
                present=resource.present,
            )

    def _verdict(self, rule: str, address: str, environment: str, state: State, reason: str) -> None:
        by_environment = self.verdicts.setdefault((rule, address), {})
        before = by_environment.get(environment)
        if before is None or _WORST[before[0]] < _WORST[state]:
            by_environment[environment] = (state, reason)

    def _verdict_records(self, environments: list[str]) -> Any:
        for (rule, address), states in self.verdicts.items():
            if len(states) == 1:
                ((name, (state, reason)),) = states.items()
                yield VerdictRecord(
                    rule, address, _STATES[state], reason, [name] if len(environments) > 1 else []
                )
                continue
            grouped: dict[tuple[State, str], list[str]] = {}
            for environment, outcome in states.items():
                grouped.setdefault(outcome, []).append(environment)
            for (state, reason), names in grouped.items():
                shown = names if environments and len(names) < len(environments) else []
                yield VerdictRecord(rule, address, state.value, reason, shown)

    def _fail(self, outcome: Outcome, reading: Reading, environment: Environment | None) -> None:
        rule, name = outcome.rule, environment.name if environment else ""
        for finding in outcome.findings:
            suppression = self._suppression(rule, finding, reading)
            state = State.SUPPRESSED if suppression else State.FAIL
            reason = suppression.reason if suppression else ""
            for address in dict.fromkeys((finding.resource.address, *_authors(finding))):
                self._verdict(rule.id, address, name, state, reason)
            if outcome.address not in ("", finding.resource.address):
                self._verdict(rule.id, outcome.address, name, State.PASS, "")
            if not outcome.address:
                self._verdict(rule.id, "", name, state, reason)
            self._finding(rule, finding, reading, environment, suppression)

    def _finding(
        self,
        rule: Rule,
        finding: Finding,
        reading: Reading,
        environment: Environment | None,
        suppression: Suppression | None,
    ) -> None:
        origin = finding.resource.properties.origin("" if finding.code else finding.property)
        span = self._code_span(finding.resource, finding.code, reading) if finding.code else None
        file, route = origin.file, tuple(map(str, origin.route))
        if span is not None:
            file, route = span.file, (str(span.line), str(span.column))
        kept = self.suppressed if suppression else self.findings
        identity = finding_id(rule.id, finding.resource.address, finding.property)
        key = (rule.id, file, *route, "\0", finding.property if finding.code else general(finding.property))
        first = self.identities.setdefault((identity, suppression is not None), key)
        elsewhere, key = first != key, first
        severity = self._severity(rule, file, environment)
        record = kept.get(key)
        if record is None:
            record = kept[key] = self._record(rule, finding, span or origin, reading, severity)
            if suppression is not None:
                record.suppressed = self._suppression_record(suppression)
        elif (
            elsewhere and (place := self._location(span or origin, "fault", reading)) not in record.locations
        ):
            record.locations.append(place)
        if finding.resource.address not in record.instances:
            record.instances.append(finding.resource.address)
        if environment is not None and environment.name not in record.environments:
            record.environments.append(environment.name)
        if Severity(record.severity).rank < severity.rank:
            record.severity = severity.value

    def _record(
        self, rule: Rule, finding: Finding, origin: Origin | Span, reading: Reading, severity: Severity
    ) -> FindingRecord:
        locations = [self._location(origin, "fault", reading)]
        locations.extend(
            self._location(place.resource.properties.origin(place.property), place.role, reading)
            for place in finding.also
        )
        if finding.code is not None:
            kind = finding.resource.kind or ""
            role = "function" if kind.endswith("::Function") else "resource"
            locations.append(self._location(finding.resource.origin, role, reading))
        first = locations[0]
        trail = [
            StepRecord(
                step.what, self.relative(step.origin.file), reading.locator.span(step.origin).line, step.users
            )
            for step in _trail(finding)
        ]
        address = finding.resource.address
        return FindingRecord(
            id=finding_id(rule.id, address, finding.property),
            rule=rule.id,
            equivalents=list(rule.equivalents),
            address=address,
            instances=[],
            property=finding.property,
            pillar=rule.pillar.value,
            severity=severity.value,
            confidence=rule.confidence.value,
            file=first.file,
            line=first.line,
            column=first.column,
            locations=locations,
            trail=trail,
            environments=[],
            owner=self.owners.of(origin.file),
            message=message(rule, finding.evidence),
            evidence={name: plain(value) for name, value in finding.evidence.items()},
            fix=_fix_record(fix_of(rule, finding)),
        )

    def _code_span(self, resource: Resource, code: CodePlace, reading: Reading) -> Span:
        """The place of code; code that stands in a template is found there by its line."""
        if not code.inline:
            return code.span
        origin = resource.properties.origin(code.inline)
        whole = reading.locator.span(origin)
        value = resource[code.inline]
        lines = value.splitlines() if isinstance(value, str) else []
        wanted = lines[code.span.line - 1].strip() if 0 < code.span.line <= len(lines) else ""
        shown = reading.locator.text(origin.file).splitlines()
        for number in range(whole.line + code.span.line - 1, len(shown) + 1):
            text = shown[number - 1]
            if wanted and text.strip() == wanted:
                margin = (
                    len(text)
                    - len(text.lstrip())
                    - (len(lines[code.span.line - 1]) - len(lines[code.span.line - 1].lstrip()))
                )
                end = code.span.end_column + margin if code.span.end_line == code.span.line else len(text) + 1
                return Span(origin.file, number, code.span.column + margin, number, end)
        return whole

    def _location(self, origin: Origin | Span, role: str, reading: Reading) -> LocationRecord:
        span = origin if isinstance(origin, Span) else reading.locator.span(origin)
        return LocationRecord(
            self.relative(span.file), span.line, span.column, span.end_line, span.end_column, role
        )

    def _severity(self, rule: Rule, file: str, environment: Environment | None) -> Severity:
        override = self.settings.override(file)
        stated = self.settings.policy.severity
        named = next(
            (stated[name] for name in (rule.id, *sorted(rule.names)) if name in stated), rule.severity
        )
        severity = Severity(named)
        for cap in (
            environment.severity_cap if environment else None,
            override.severity_cap if override else None,
        ):
            if cap is not None and Severity(cap).rank < severity.rank:
                severity = Severity(cap)
        return severity

    def _suppression(self, rule: Rule, finding: Finding, reading: Reading) -> Suppression | None:
        resource = finding.resource
        stated = resource.properties.origin("" if finding.code else finding.property)
        return (
            (self._in_code(rule, finding, reading) if finding.code else None)
            or self._in_metadata(rule, resource, reading)
            or self._beside_any(rule, resource, stated, reading)
            or self._in_part(rule, resource, stated, reading)
            or self._configured(rule, stated.file)
        )

    def _in_code(self, rule: Rule, finding: Finding, reading: Reading) -> Suppression | None:
        """A comment beside the code, or at the head of the function around it; what the configuration says of its file."""
        code = finding.code
        assert code is not None
        span = self._code_span(finding.resource, code, reading)
        found = self._comments(span.file, reading)
        chosen = self._in_force(rule, [item for item in found if item.beside(span.line, span.end_line)])
        if chosen is None and code.around is not None and not code.inline:
            first = code.around.line
            chosen = self._in_force(rule, [item for item in found if item.beside(first, first)])
        return chosen or self._configured(rule, span.file)

    def _in_metadata(self, rule: Rule, resource: Resource, reading: Reading) -> Suppression | None:
        """What the metadata of the resource says, or that of its template; any template's for the stack as a whole."""
        file = resource.origin.file
        stated = [(file, metadata, False) for metadata in [resource.properties.metadata()] if metadata]
        stated.extend(
            (name, metadata, True)
            for name, metadata in reading.graph.metadata.items()
            if name == file or not resource.address
        )
        for name, metadata, whole in stated:
            line = 0 if whole else reading.locator.line(resource.origin)
            found, problems = in_metadata(name, line, metadata, whole=whole)
            self.dated |= any(item.until for item in found)
            self.diagnostics.update(dict.fromkeys(problems))
            chosen = self._in_force(rule, found)
            if chosen is not None:
                return chosen
        return None

    def _beside_any(
        self, rule: Rule, resource: Resource, stated: Origin, reading: Reading
    ) -> Suppression | None:
        """A comment beside the resource, what makes it, or the property; anywhere in the file for the stack as a whole."""
        if not resource.address:
            return self._in_force(rule, self._comments(resource.origin.file, reading))
        places = [resource.origin, stated]
        maker = _maker(reading.graph, resource.address)
        if maker:
            places.append(reading.graph[maker].origin)
        for origin in dict.fromkeys(places):
            chosen = self._beside(rule, origin, reading)
            if chosen is not None:
                return chosen
        return None

    def _beside(self, rule: Rule, origin: Origin, reading: Reading) -> Suppression | None:
        """A comment in the lines of what stands at the origin, or above them."""
        candidates = [item for item in self._comments(origin.file, reading) if item.speaks_of(rule)]
        if not candidates:
            return None
        first, last = reading.locator.region(origin)
        return self._in_force(rule, [item for item in candidates if item.beside(first, last)])

    def _in_force(self, rule: Rule, found: list[Suppression]) -> Suppression | None:
        """The first that silences the rule today; one that ended is told."""
        chosen = next((item for item in found if item.covers(rule, self.today)), None)
        for item in found if chosen is None else ():
            if item.speaks_of(rule):
                what = f"the suppression of {rule.id} ended on {item.until}"
                hint = "renew it with a reason, or mend the fault"
                self.diagnostics[Diagnostic(item.file, item.line, "warning", what, hint)] = None
        return chosen

    def _in_part(self, rule: Rule, owner: Resource, stated: Origin, reading: Reading) -> Suppression | None:
        """A comment beside the satellite that states the property."""
        if not any(item.covers(rule, self.today) for item in self._comments(stated.file, reading)):
            return None
        line = reading.locator.span(stated).line
        for part in reading.graph:
            if part.part_of == owner.address and part.origin.file == stated.file:
                first, last = reading.locator.region(part.origin)
                if first <= line <= last:
                    return self._beside(rule, part.origin, reading)
        return None

    def _comments(self, file: str, reading: Reading) -> list[Suppression]:
        found = self.comments.get(file)
        if found is None:
            found, problems = in_comments(file, _text(file, reading))
            self.comments[file] = found
            self.dated |= any(item.until for item in found)
            self.diagnostics.update(dict.fromkeys([*problems, *strangers(found)]))
        return found

    def _configured(self, rule: Rule, file: str) -> Suppression | None:
        """What the configuration says of one file of a stack that is reviewed; whole stacks are left out before."""
        override = self.settings.override(file)
        if override is None or not (override.skip or rule.names.intersection(override.skip_rules)):
            return None
        reason = "policy.paths of the configuration"
        return Suppression((rule.id,), reason, "configuration", self.settings.file or "")

    def _suppression_record(self, suppression: Suppression) -> SuppressionRecord:
        until = suppression.until.isoformat() if suppression.until else None
        kind: Any = suppression.kind
        return SuppressionRecord(
            kind, suppression.reason, self.relative(suppression.file), suppression.line, until
        )


def _text(file: str, reading: Reading) -> str:
    """The text of a file of the stack, or of its code, which is no document of the stack's format."""
    workspace = reading.graph.workspace
    if workspace is None or not file.endswith(CODE_FILES):
        return reading.locator.text(file)
    try:
        return workspace.read(file).decode("utf-8", "replace")
    except Unreadable:
        return ""


def _lines(span: Span) -> str:
    return str(span.line) if span.line == span.end_line else f"{span.line}-{span.end_line}"


def _trail(finding: Finding) -> Trail:
    if finding.code is not None or not finding.property:
        return ()
    return finding.resource.properties.trail(finding.property)


def _maker(graph: Graph, address: str) -> str:
    """The address of the author's own resource that makes this one, "" when it is the author's own."""
    found = graph.get(address)
    made_by = found.made_by if found is not None else None
    return made_by.address if made_by is not None and made_by.address in graph.resources else ""


def _authors(finding: Finding) -> Iterator[str]:
    """The addresses of what states the fault when that is not the resource itself: what makes it, a satellite of it."""
    resource = finding.resource
    maker = _maker(resource.graph, resource.address)
    if maker:
        yield maker
    satellites = _satellites(resource.graph).get(resource.address)
    if satellites:
        origin = resource.properties.origin("" if finding.code else finding.property)
        for satellite in satellites:
            own = satellite.origin
            if own.file == origin.file and own.route == origin.route[: len(own.route)]:
                yield satellite.address


def _satellites(graph: Graph) -> dict[str, list[Resource]]:
    found: Any = graph.memo.get("satellites")
    if found is None:
        found = graph.memo["satellites"] = {}
        for resource in graph:
            if resource.part_of is not None:
                found.setdefault(resource.part_of, []).append(resource)
    return found  # type: ignore[no-any-return]


def diagnostic_record(item: Diagnostic, relative: Any) -> DiagnosticRecord:
    """A diagnostic as plain data."""
    level: Any = item.level
    return DiagnosticRecord(relative(item.file), item.line, level, item.message, item.hint)


def _order(finding: FindingRecord) -> tuple[int, str, int, str]:
    return (-Severity(finding.severity).rank, finding.file, finding.line, finding.rule)


def fix_of(rule: Rule, finding: Finding) -> Fix | None:
    """The fix of a finding; None when the rule has none, or would need what is not known here."""
    try:
        return rule.fix(finding)
    except (NotKnown, TypeError, ValueError, AttributeError, LookupError):
        return None


def _fix_record(fix: Fix | None) -> FixRecord | None:
    if fix is None:
        return None
    return FixRecord(fix.safety.value, fix.why, [_change(change) for change in fix.changes], list(fix.steps))


def _change(change: Change) -> str:
    if isinstance(change, Set):
        return f"set {change.path} of {change.resource.address} to {show(change.value)}"
    if isinstance(change, Remove):
        return f"remove {change.path} of {change.resource.address}"
    if isinstance(change, AddResource):
        return f"add an {change.kind} beside {change.beside.address}"
    if isinstance(change, AddParameter):
        return f"ask for {change.label}: {change.description}"
    if isinstance(change, Always):
        return f"let {change.resource.address} exist in every environment"
    if isinstance(change, Rewrite):
        return f"{change.edit} {change.place.part} in {change.place.span.file}"
    assert isinstance(change, Allow)
    return f"allow {change.principal.address} {', '.join(change.actions)}"
