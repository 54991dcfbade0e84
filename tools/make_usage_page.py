"""Writes the page of usage keys from what the price functions declare.

python tools/make_usage_page.py          # write docs/usage.md
python tools/make_usage_page.py --check  # fail when it is stale
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stackworthy.core.cost import UsageKey, decimal_text
from stackworthy.prices import functions, priced_kinds, usage_keys
from stackworthy.prices.calls import CALLERS, STACK, TRANSFER
from stackworthy.prices.calls import PLAIN as CALLS

PAGE = Path(__file__).parent.parent / "docs/usage.md"
HEAD = """<!-- Made by tools/make_usage_page.py. -->
# Usage keys

What a resource's price depends on, by kind: the key, its unit, the value that is assumed when nobody states it, and what it means. Quantities are per month.
A key without an assumed value is worked out as its meaning says. Names are those of Infracost's usage files wherever the quantity is the same.

"""
SHARED = {*CALLS, *TRANSFER, "monthly_log_gb", "log_storage_gb"}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for kind in priced_kinds():
        shared = SHARED if kind in CALLERS and kind != STACK else set()
        keys = {name: key for name, key in usage_keys(kind).items() if name not in shared}
        parts.append(_section(kind, keys, bool(shared)))
    return "".join(parts)


def _section(kind: str, keys: dict[str, UsageKey], shared: bool) -> str:
    what = [" ".join((function.__doc__ or "").partition("\n\n")[0].split()) for function in functions(kind)]
    title = "The stack itself (address `stack`)" if kind == STACK else kind
    lines = [f"## {title}\n\n", " ".join(what), "\n\n"]
    if keys:
        lines.append("| key | unit | assumed | meaning |\n|---|---|---|---|\n")
        lines.extend(
            f"| `{name}` | {key.unit} | {'' if key.default is None else decimal_text(key.default)} | {key.meaning} |\n"
            for name, key in keys.items()
        )
        lines.append("\n")
    if shared:
        lines.append(
            "Also the keys of [the stack itself](#the-stack-itself-address-stack), for what this caller uses.\n\n"
        )
    return "".join(lines)


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    check = parser.parse_args().check
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print("docs/usage.md is stale: run tools/make_usage_page.py")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print("docs/usage.md is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
