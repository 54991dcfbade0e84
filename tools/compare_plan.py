"""Compare Terraform's own plans with what the evaluator makes of the same roots.

    python tools/compare_plan.py ROOT PLAN.json [ROOT PLAN.json ...]
    python tools/compare_plan.py --list FILE          one "ROOT PLAN.json" a line
    options: --show N      examples of each kind of difference (default 3)
             --within DIR  the folder that modules and files may be read from (default: the enclosing git work tree)

PLAN.json is what `terraform show -json` prints of a plan. Counted are values that the plan knows: scalars, lists of
scalars, and entries of maps, at any depth of resources, and the arguments of data sources. Values that a stand-in for the
provider invented (they hold `placeholder` or the account 123456789012) do not come from the configuration and are left out, as is
what hangs on the machine and the time of planning. Terraform converts to the provider's types, so `"512"` and 512 are equal here, lists are compared as sets when their order differs, and JSON by content.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stackworthy.core.value import ABSENT, OpenList, OpenMap, Partial, Reference, Unknown, known, show
from stackworthy.core.workspace import Disk, find_root
from stackworthy.sources.terraform.model import Settings
from stackworthy.sources.terraform.root import load

INVENTED = re.compile(r"placeholder|123456789012|terraform-offline-")
INVENTED_REGION = re.compile(r"us-east-1[a-f]?|use1-az")
ENVIRONMENT = re.compile(r"AWS::|path\.cwd|~|timestamp")
META = {"id", "tags_all", "region", "timeouts"}


@dataclass
class Tally:
    """What came out, over all roots."""

    equal: int = 0
    different: int = 0
    ours_unknown: int = 0
    missing_blocks: int = 0
    invented: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, kind: str, example: str) -> None:
        """Count a difference and keep an example of it."""
        self.kinds[kind] += 1
        self.examples[kind].append(example)


class Comparison:
    """One root against its plan."""

    def __init__(self, root: str, plan: dict[str, Any], tally: Tally, within: str | None) -> None:
        self.tally = tally
        self.name = root
        top = within or find_root(root)
        folder = str(Path(root).resolve().relative_to(Path(top).resolve()))
        values = {name: item.get("value") for name, item in plan.get("variables", {}).items()}
        declared = plan.get("configuration", {}).get("root_module", {}).get("variables", {})
        given = {
            name: value for name, value in values.items() if declared.get(name, {}).get("default") != value
        }
        self.ours = {
            block.address: block
            for block in load(Disk(top), folder, Settings(variables=given)).blocks
            if block.present is not False
        }
        self.masks = {
            change["address"]: change["change"].get("after_unknown", {})
            for change in plan.get("resource_changes", ())
        }
        self.plan = plan

    def run(self) -> None:
        """Compare every instance."""
        seen = set()
        for resource in _resources(self.plan.get("planned_values", {}).get("root_module", {})):
            seen.add(resource["address"])
            self.instance(resource, self.masks.get(resource["address"], {}))
        prior = self.plan.get("prior_state", {}).get("values", {}).get("root_module", {})
        for resource in _resources(prior):
            seen.add(resource["address"])
            self.data(resource)
        for address in self.ours.keys() - seen - self.masks.keys():
            self.tally.note("an instance that the plan does not have", f"{self.name}: {address}")

    def instance(self, resource: dict[str, Any], mask: Any) -> None:
        """One managed instance."""
        block = self.ours.get(resource["address"])
        if block is None:
            if resource["mode"] == "managed":
                self.tally.missing_blocks += 1
                self.tally.note("an instance that ours does not have", f"{self.name}: {resource['address']}")
            return
        attributes = block.attributes
        for name, value in resource.get("values", {}).items():
            hidden = mask.get(name, False) if isinstance(mask, dict) else mask
            if name in META and name not in _names(attributes):
                continue
            self.value(f"{resource['address']}.{name}", value, hidden, attributes[name])

    def data(self, resource: dict[str, Any]) -> None:
        """One data source: what the configuration states, and the policies that can be worked out."""
        block = self.ours.get(resource["address"])
        if block is None or resource["mode"] != "data":
            return
        names = set(_names(block.attributes))
        if block.type == "aws_iam_policy_document":
            self.value(
                f"{block.address}.json",
                resource.get("values", {}).get("json"),
                False,
                block.attribute("json"),
            )
        for name in names & resource.get("values", {}).keys():
            self.value(f"{block.address}.{name}", resource["values"][name], False, block.attributes[name])

    def value(self, path: str, plan: Any, mask: Any, ours: Any) -> None:
        """One value of the plan, whose unknown parts the mask shows, beside ours."""
        if mask is True or plan is None or plan in ([], {}):
            if plan is None and mask is not True and isinstance(ours, (str, int, float, bool)):
                self.count_different(path, plan, ours)
            return
        if isinstance(ours, (Unknown, Reference)):
            for leaf_path, leaf in _leaves(path, plan, mask):
                self.count_unknown(leaf_path, leaf, ours)
        elif isinstance(plan, dict) and isinstance(ours, list) and list.__len__(ours) == 1:
            self.value(path, plan, mask, ours[0])
        elif isinstance(plan, dict) and isinstance(ours, dict):
            inner = mask if isinstance(mask, dict) else {}
            for key, item in plan.items():
                self.value(f"{path}.{key}", item, inner.get(key, False), _item(ours, key))
        elif (
            isinstance(plan, list)
            and isinstance(ours, (list, dict))
            and any(isinstance(item, dict) for item in plan)
        ):
            self.blocks(path, plan, mask, [ours] if isinstance(ours, dict) else ours)
        elif isinstance(mask, list) and any(mask):
            return
        else:
            self.leaf(path, plan, ours)

    def blocks(self, path: str, plan: list[Any], mask: Any, ours: list[Any]) -> None:
        """Nested blocks; a set of them is in another order in the plan."""
        rest = list(ours.known if isinstance(ours, OpenList) else ours)
        masks = mask if isinstance(mask, list) else [False] * len(plan)
        if len(rest) != len(plan):
            if isinstance(ours, OpenList):
                for leaf_path, leaf in _leaves(path, plan, mask):
                    self.count_unknown(leaf_path, leaf, ours.rest)
            else:
                self.count_different(path, plan, ours)
            return
        for position, item in enumerate(plan):
            hidden = masks[position] if position < len(masks) else False
            best = min(range(len(rest)), key=lambda at: (_distance(item, hidden, rest[at]), at))
            self.value(f"{path}[{position}]", item, hidden, rest.pop(best))

    def leaf(self, path: str, plan: Any, ours: Any) -> None:
        """A scalar or a list of scalars."""
        if ours is not ABSENT and not known(ours):
            self.count_unknown(path, plan, ours)
        elif _equal(plan, ours):
            self.tally.equal += 1
        else:
            self.count_different(path, plan, ours)

    def count_unknown(self, path: str, plan: Any, ours: Any) -> None:
        """The plan knows it and ours does not."""
        if INVENTED.search(json.dumps(plan)) or _environment(ours):
            self.tally.invented += 1
            return
        self.tally.ours_unknown += 1
        reason = ours.reason if isinstance(ours, (Unknown, Partial)) else show(ours)
        self.tally.note(
            f"ours does not know: {_general(reason)}", f"{self.name}: {path} = {_short(plan)}: {reason}"
        )

    def count_different(self, path: str, plan: Any, ours: Any) -> None:
        """Both know it, and they differ."""
        text = json.dumps(plan)
        if INVENTED.search(text) or (INVENTED_REGION.search(text) and ours is not ABSENT):
            self.tally.invented += 1
            return
        self.tally.different += 1
        kind = "absent in ours" if ours is ABSENT else "only in ours" if plan is None else "different"
        self.tally.note(f"{kind}: {_general(path)}", f"{self.name}: {path}: {_short(plan)} / {_short(ours)}")


def _names(attributes: Any) -> Any:
    return attributes.known if isinstance(attributes, OpenMap) else attributes.keys()


def _item(ours: Any, key: str) -> Any:
    value = ours.known.get(key, ours.rest) if isinstance(ours, OpenMap) else ours[key]
    return ABSENT if value is None else value


def _resources(module: dict[str, Any]) -> Any:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _leaves(path: str, plan: Any, mask: Any) -> Any:
    if mask is True or plan is None or plan in ([], {}):
        return
    if isinstance(plan, dict):
        for key, item in plan.items():
            yield from _leaves(
                f"{path}.{key}", item, mask.get(key, False) if isinstance(mask, dict) else False
            )
    elif isinstance(plan, list) and any(isinstance(item, dict) for item in plan):
        for position, item in enumerate(plan):
            hidden = mask[position] if isinstance(mask, list) and position < len(mask) else False
            yield from _leaves(f"{path}[{position}]", item, hidden)
    elif not (isinstance(mask, list) and any(mask)):
        yield path, plan


def _distance(plan: Any, mask: Any, ours: Any) -> int:
    """How many values of a block differ."""
    if not isinstance(plan, dict) or not isinstance(ours, dict):
        return 0 if _equal(plan, ours) else 1
    hidden = mask if isinstance(mask, dict) else {}
    distance: int = 0
    for key, item in plan.items():
        mine = _item(ours, key)
        if hidden.get(key) is True or (item in (None, [], {}) and mine is ABSENT) or not known(mine):
            continue
        blocks = isinstance(item, list) and any(isinstance(part, dict) for part in item)
        if blocks and isinstance(mine, list) and len(item) == len(mine):
            inner: Any = hidden.get(key)
            masks = inner if isinstance(inner, list) else [False] * len(item)
            distance += sum(_distance(a, m, b) for a, m, b in zip(item, masks, mine, strict=False))
        else:
            distance += int(not _equal(item, mine))
    return distance


def _environment(ours: Any) -> bool:
    """Whether the value hangs on who deploys, where and when, for which the plan has its own answer."""
    if isinstance(ours, list):
        return any(_environment(item) for item in list.__iter__(ours))
    if isinstance(ours, dict):
        return any(_environment(item) for item in dict.values(ours))
    pieces = ours.pieces if isinstance(ours, Partial) else [ours]
    return any(isinstance(piece, Unknown) and ENVIRONMENT.search(piece.expression) for piece in pieces)


def _equal(plan: Any, ours: Any) -> bool:
    if isinstance(plan, list) and isinstance(ours, list):
        one, other = [_plain(item) for item in plan], [_plain(item) for item in ours]
        return (
            one == other
            or sorted(map(str, one)) == sorted(map(str, other))
            or set(map(str, one)) == set(map(str, other))
        )
    return bool(_plain(plan) == _plain(ours))


def _plain(value: Any) -> Any:
    if value is ABSENT:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, str):
        if value[:1] in "{[" and len(value) > 1:
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item not in (None, ABSENT)}
    return value


def _general(text: str) -> str:
    text = re.sub(r'\["[^"]*"\]|\[\d+\]', "[]", text)
    text = re.sub(r"^(module\.[\w-]+(\[\])?\.)*(data\.)?(\w+)\.[\w-]+(\[\])?", r"\4", text)
    return re.sub(r"[\w.\[\]-]*\b(var|local|module|data)\.[\w.\[\]-]+", r"\1.…", text)[:110]


def _short(value: Any) -> str:
    text = str(value) if value is ABSENT else json.dumps(value, default=str)
    return text if len(text) < 160 else text[:160] + "…"


def main(arguments: list[str]) -> int:
    """Compare, print the figures, and exit with 1 below 99 % equal or 95 % known."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pairs", nargs="*", metavar="ROOT PLAN.json")
    parser.add_argument("--list", type=Path)
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--within")
    options = parser.parse_args(arguments)
    pairs = list(zip(options.pairs[::2], options.pairs[1::2], strict=True))
    if options.list:
        pairs += [tuple(line.split()) for line in options.list.read_text().splitlines() if line.strip()]
    tally = Tally()
    for root, plan in pairs:
        Comparison(root, json.loads(Path(plan).read_text()), tally, options.within).run()
    for kind, count in tally.kinds.most_common():
        print(f"{count:5}  {kind}")
        for example in tally.examples[kind][: options.show]:
            print(f"         {example}")
    both = tally.equal + tally.different
    all_ = both + tally.ours_unknown
    print(
        f"{len(pairs)} roots, {all_:,} values that the plans know, {tally.invented:,} invented ones left out"
    )
    print(f"equal where both know them: {tally.equal:,} of {both:,} ({tally.equal / max(both, 1):.2%})")
    print(f"known of those that the plan knows: {both:,} of {all_:,} ({both / max(all_, 1):.2%})")
    print(f"instances that ours does not have: {tally.missing_blocks}")
    return 0 if tally.equal >= 0.99 * both and both >= 0.95 * all_ else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
