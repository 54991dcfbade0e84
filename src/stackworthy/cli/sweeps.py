"""`stackworthy cost --sweep`: the cost over decades of traffic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stackworthy.cli.errors import Refusal

if TYPE_CHECKING:
    from stackworthy.cli.bills import Asked
    from stackworthy.workload.sweep import Curve

ENDINGS = {".svg": "svg", ".png": "png", ".json": "json", ".txt": "text"}


def show(asked: Asked, stated: str, format: str | None, target: str | None) -> int:
    """Print the curve as a table (or JSON); draw it into FILE (.svg, .png) when one is named. Raises `Refusal`."""
    from stackworthy.workload.sweep import range_of, sweep

    if format not in (None, "text", "json"):
        raise Refusal(f"a sweep is not written as {format}", "it is text or json; -o curve.svg draws it")
    curve = sweep(asked.stacks, asked.terms, range_of(stated), asked.prices)
    kind = ENDINGS.get(Path(target).suffix.lower(), format) if target else None
    if target and kind is None:
        raise Refusal(f"the name {target} does not say its format", "name it .svg, .png, .json or .txt")
    if target and kind is not None:
        _write(curve, target, kind)
    if not target or kind in ("svg", "png"):
        _print(curve, format or "text")
    return asked.told()


def _write(curve: Curve, target: str, kind: str) -> None:
    from stackworthy.cli import output as out
    from stackworthy.reports import bill_curve
    from stackworthy.reports.terminal import Layout

    path = out.checked(target)
    if kind == "png":
        try:
            bill_curve.png(curve, Path(path))
        except ImportError:
            raise Refusal(
                "matplotlib is not installed", "pip install 'stackworthy[charts]', or name a .svg"
            ) from None
        except OSError as error:
            raise Refusal(f"{path} cannot be written: {error.strerror}") from None
        return
    if kind == "json":
        out.write(path, [_json(curve)])
        return
    lines = bill_curve.svg(curve) if kind == "svg" else bill_curve.text(curve, Layout(100))
    out.write(path, [line.encode() + b"\n" for line in lines])


def _print(curve: Curve, format: str) -> None:
    from stackworthy.cli import output as out
    from stackworthy.cli import terminal
    from stackworthy.reports import bill_curve
    from stackworthy.reports.terminal import Layout

    if format == "json":
        out.to_stdout([_json(curve)])
        return
    terminal.show(bill_curve.text(curve, Layout(terminal.width(), terminal.colored(sys.stdout))))


def _json(curve: Curve) -> bytes:
    import msgspec

    from stackworthy.reports import bill_curve

    return msgspec.json.format(msgspec.json.encode(bill_curve.document(curve)), indent=1) + b"\n"
