"""Which fixes the tools of others object to, found by halving the fixes of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stackworthy.remedy.engine import Proposal
from stackworthy.remedy.outside import Outside


def objections(
    outside: Outside, originals: Mapping[str, bytes | None], proposals: Sequence[Proposal]
) -> dict[str, str]:
    """By finding, the fixes after which a tool first objects to a file, with its words; the others get its approval among their checks."""
    found: dict[str, str] = {}
    chains: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        for file in proposal.edits:
            chains.setdefault(file, []).append(proposal)
    last = {file: chain[-1].edits[file][1] for file, chain in chains.items()}
    said = outside.complaints(originals, last)
    for file, chain in chains.items():
        if said.get(file):
            proposal, words = _first(outside, file, originals.get(file), chain, said[file])
            found[proposal.record.id] = words
        elif file in said:
            for proposal in chain:
                if outside.check(file) not in proposal.checks:
                    proposal.checks.append(outside.check(file))
    return found


def _first(
    outside: Outside, file: str, original: bytes | None, chain: Sequence[Proposal], words: str
) -> tuple[Proposal, str]:
    """The first fix of a file after which the tool objects, given that it does after the last."""
    low, high = 0, len(chain) - 1
    while low < high:
        middle = (low + high) // 2
        said = outside.complaints({file: original}, {file: chain[middle].edits[file][1]}).get(file, "")
        if said:
            high, words = middle, said
        else:
            low = middle + 1
    return chain[low], words
