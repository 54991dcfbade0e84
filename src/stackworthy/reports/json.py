"""The review as JSON, schema `stackworthy.review/1`: what `core/review.py` says, one stack after the other."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from stackworthy.core.review import Review
from stackworthy.reports.masking import masked_diagnostics, masked_finding, masked_stack


def chunks(review: Review) -> Iterator[bytes]:
    """The document in pieces: never more than one stack in memory a second time. Secrets are masked."""
    encode = msgspec.json.Encoder(order=None).encode
    yield b'{"schema":' + encode(review.schema) + b',"root":' + encode(review.root) + b',"stacks":['
    for index, stack in enumerate(review.stacks):
        yield (b",\n" if index else b"\n") + encode(masked_stack(stack))
    yield b'],\n"diagnostics":' + encode(masked_diagnostics(review.diagnostics))
    since, baseline = review.since, review.baseline
    if since is not None:
        since = msgspec.structs.replace(since, fixed=[masked_finding(finding) for finding in since.fixed])
    yield b',\n"since":' + encode(since) + b',\n"baseline":' + encode(baseline)
    yield b',\n"summary":' + encode(review.summary) + b"}\n"
