"""What `stackworthy cost` and `stackworthy workload` read and price."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from stackworthy.cli.errors import Refusal, refused

if TYPE_CHECKING:
    from stackworthy.core.workspace import Workspace
    from stackworthy.prices.catalogue import Catalogue
    from stackworthy.reports.bill_rows import View
    from stackworthy.workload.billing import Stack, Table, Terms
    from stackworthy.workload.reading import Read
    from stackworthy.workload.scenario import Scenario

READ = ("only_formats", "environments", "parameters", "variables", "var_files")
SCALES = (("10x", 10), ("1,000x", 1000))
LARGEST = 20 * 1024 * 1024


class Asked(msgspec.Struct):
    """Everything that a command was asked: the stacks by environment, the terms, the prices, the scenarios."""

    path: str
    read: Read
    terms: Terms
    prices: Catalogue
    scenarios: list[Scenario]
    environment: str

    @classmethod
    def of(
        cls, path: str, options: dict[str, Any], place: Workspace | None = None, over: Asked | None = None
    ) -> Asked:
        """Read what the options of the command line say; `over` lends its workload, prices and terms. Raises `Refusal`."""
        from stackworthy.config import Options, load, merge
        from stackworthy.judge import place as placed
        from stackworthy.workload import reading
        from stackworthy.workload.scenario import scenarios

        settings = load(path, root=options.get("root"), workspace=place)
        settings = merge(settings, Options(**{name: options[name] for name in READ if options.get(name)}))
        disk, base, target = placed(path, settings)
        workspace = place or disk
        file = workload_of(options.get("workload"))
        read = reading.read(workspace, target, base, settings, over.table() if over is not None else file)
        if not read.by_environment:
            _tell(read, base)
            raise Refusal(
                f"no stack found below {path}", "name a folder, a template, or an assembly (cdk.out)"
            )
        if over is not None:
            return cls(
                path,
                read,
                over.terms,
                over.prices,
                [],
                over.environment if over.environment in read.by_environment else read.chosen(),
            )
        own = read.settings
        if file is not None:
            found = scenarios(_scenario_table(options["workload"], file.text), file.file, file.text)
        else:
            found = scenarios(own.scenario, own.file or "", reading.text_of(workspace, own))
        prices = prices_of(options.get("workload"), reading.own_prices(workspace, own))
        return cls(path, read, terms_of(options), prices, found, read.chosen())

    @property
    def stacks(self) -> list[Stack]:
        """The stacks of the chosen environment."""
        return self.read.by_environment[self.environment]

    def table(self) -> Table | None:
        """The workload that is stated for the stacks."""
        return next((stack.workload for stack in self.stacks if stack.workload.table), None)

    def told(self) -> int:
        """Say on standard error what could not be read; 0, because something could."""
        _tell(self.read, "")
        return 0


def _tell(read: Read, base: str) -> None:
    for entry in read.problems:
        if entry.level == "error":
            file = os.path.relpath(entry.file, base) if base else entry.file
            refused(
                Refusal(
                    f"{file}:{entry.line}: {entry.message}" if entry.line else f"{file}: {entry.message}",
                    entry.hint,
                )
            )


def terms_of(options: dict[str, Any]) -> Terms:
    from stackworthy.prices.regions import check_region
    from stackworthy.workload.billing import Terms, UsageText
    from stackworthy.workload.scenario import scale_of

    if options["region"]:
        check_region(options["region"])
    created = options["account_created"]
    made = Terms(
        month=options["month"],
        free_tier=not options["no_free_tier"],
        account_created=created.date() if created is not None else None,
        region=options["region"],
        factor=scale_of(options["at"], "--at"),
        usage=tuple(UsageText(name, _text(name)) for name in options["usage"]),
    )
    _ = made.hours
    return made


def _text(name: str) -> str:
    try:
        if os.path.getsize(name) > LARGEST:
            raise Refusal(f"{name} is larger than {LARGEST // 1024**2} MB", "is this the right file?")
        with open(name, encoding="utf-8-sig") as stream:
            return stream.read()
    except OSError as error:
        raise Refusal(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refusal(f"{name} is not UTF-8", "save the file as UTF-8") from None


def _toml(name: str, text: str) -> dict[str, Any]:
    import re
    import tomllib

    from stackworthy.core.cost import UsageError

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        said = str(error).partition(" (at")[0]
        raise UsageError(
            f"is not valid TOML: {said}", "see https://toml.io", file=name, line=int(line[1]) if line else 0
        ) from None


def workload_of(name: str | None) -> Table | None:
    """The workload of a file of its own: `[workload]`, beside `[scenario.NAME]` and `[prices]`."""
    if not name:
        return None
    from stackworthy.core.cost import UsageError
    from stackworthy.workload.billing import Table

    text = _text(name)
    content = _toml(name, text)
    if not isinstance(content.get("workload"), dict):
        raise UsageError(
            "has no [workload]", "write [workload], and rates below it", key="workload", file=name
        )
    return Table(content["workload"], name, text)


def prices_of(name: str | None, prices: Catalogue) -> Catalogue:
    """The prices under the `[prices]` of a workload file, if it has any."""
    from stackworthy.prices.own import with_own

    own = _toml(name, _text(name)).get("prices", {}) if name else {}
    return with_own(prices, own, name or "") if isinstance(own, dict) and own else prices


def _scenario_table(name: str, text: str) -> dict[str, Any]:
    found = _toml(name, text).get("scenario", {})
    return found if isinstance(found, dict) else {}


def views(asked: Asked, names: tuple[str, ...], *, everything: bool = False) -> list[View]:
    """The bill; with scenarios, or with every environment, one of each."""
    from stackworthy.workload.scenario import chosen, under

    if everything and len(asked.read.by_environment) > 1:
        return [
            view(stacks, asked.terms, asked.prices, name, name)
            for name, stacks in asked.read.by_environment.items()
        ]
    others = [name for name in asked.read.by_environment if name != asked.environment]
    first = view(asked.stacks, asked.terms, asked.prices, "", asked.environment, scaled=not names)
    first.others = others
    made = [first]
    if names:
        for scenario in chosen(asked.scenarios, () if "all" in names else names):
            stacks, terms = under(scenario, asked.stacks, asked.terms)
            made.append(view(stacks, terms, asked.prices, scenario.name, asked.environment))
    return made


def view(
    stacks: list[Stack], terms: Terms, prices: Catalogue, name: str, environment: str, *, scaled: bool = False
) -> View:
    """One bill with what is said beside it."""
    from stackworthy.reports.bill_rows import View
    from stackworthy.workload.billing import price

    found = price(stacks, terms, prices)
    stated = any(stack.workload.table for stack in stacks) or bool(terms.usage)
    at = f"at {terms.factor:,}x" if terms.factor != 1 else ""
    made = View(
        found.bill,
        name or at,
        environment,
        found.requests,
        stated,
        assumptions=[one for flow in found.flows for one in flow.assumptions.values()],
        warnings=found.warnings,
    )
    if scaled and stated:
        replace = msgspec.structs.replace
        if terms.free_tier:
            made.without_free = price(stacks, replace(terms, free_tier=False), prices).bill.cost
        for words, factor in SCALES:
            more = replace(terms, factor=terms.factor * Decimal(factor))
            made.scales.append((words, price(stacks, more, prices).bill.cost))
    return made


def compared(before: str, after: str, path: str, options: dict[str, Any]) -> list[View]:
    """The bills of two paths or revisions, both under the workload of the second."""
    later = _one(after, path, options, None)
    earlier = _one(before, path, options, later)
    made = []
    for name, asked in ((before, earlier), (after, later)):
        one = view(asked.stacks, asked.terms, asked.prices, name, asked.environment)
        one.assumptions = []
        made.append(one)
    return made


def _one(named: str, path: str, options: dict[str, Any], over: Asked | None) -> Asked:
    """What a path or a revision holds."""
    from stackworthy.core.workspace import Disk, Revision, Unreadable, find_root

    if os.path.exists(named):
        return Asked.of(named, options, None, over)
    root = find_root(path)
    try:
        place = Revision(root, named)
    except Unreadable as error:
        raise Refusal(
            f"{named} is neither a path nor a revision", error.hint or "name a folder, or a revision of git"
        ) from None
    from stackworthy.judge.revisions import AsInstalled

    return Asked.of(path, options, AsInstalled(place, Disk(root)), over)


__all__ = ["Asked", "compared", "view", "views"]
