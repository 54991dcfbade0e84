"""Who reads a format writes it: from changes in the graph's words to edits of the files that stated them."""

from __future__ import annotations

from collections.abc import Sequence

from stackworthy.core.fix import Change, Rewrite
from stackworthy.core.patch import Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.stack import Reading, StackRef


def patch(workspace: Workspace, stack: StackRef, reading: Reading, changes: Sequence[Change]) -> list[Splice]:
    """The edits that carry out these changes together; none when the files say so already. Raises `CannotWrite`.

    The changes are of one fix: they are written as one, so that two of them may share a parent that is not there yet.
    """
    if stack.format == "cdk":
        from stackworthy.sources.cloudformation import cdk_source

        raise cdk_source.refusal(workspace, stack.path, changes)
    splices: list[Splice] = []
    for change in changes:
        if isinstance(change, Rewrite):
            from stackworthy.sources.code import writing as code

            splices += code.patch(workspace, change)
    rest = [change for change in changes if not isinstance(change, Rewrite)]
    return splices + (_stated(workspace, stack, reading, rest) if rest else [])


def _stated(
    workspace: Workspace, stack: StackRef, reading: Reading, changes: Sequence[Change]
) -> list[Splice]:
    """The edits of what states the stack, by its format."""
    if stack.format == "terraform":
        from stackworthy.sources.terraform.writing import writer as terraform

        return terraform.patch(workspace, stack, reading, changes)
    if stack.format == "serverless":
        from stackworthy.sources.serverless import writer as serverless

        return serverless.patch(workspace, stack, reading, changes)
    from stackworthy.sources.cloudformation import writer as cloudformation

    return cloudformation.patch(workspace, stack, reading, changes)
