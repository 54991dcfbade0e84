"""Source code: work that is started and not waited for."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.code import Attribute, Await, Call, Evaluate, Function, Name, Node, Return
from stackworthy.core.finding import Finding, Guard, Pillar, Severity
from stackworthy.core.fix import Fix, Rewrite, Unsafe
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.rules._code import shown
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.unit import Scope

_FREEZES = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"
_NODE = "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html"


class WorkNotAwaited(Rule):
    """Work that an asynchronous handler starts and does not wait for may never be done.

    When the handler returns, Lambda freezes the environment with everything that is still under way. It goes on with the next invocation, if there is one: late, twice after a retry, with
    connections that broke meanwhile; an error in it is nobody's. Wait for it: `await`, `Promise.all`, `asyncio.gather`.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "{call} is started and not waited for: Lambda freezes it when the handler returns"
    references = (_FREEZES, _NODE)
    equivalents = ("@typescript-eslint/no-floating-promises",)
    fix_safety = Unsafe("the function answers when the work is done, and fails when the work fails")

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at calls whose promise is thrown away: of AWS, of the package's asynchronous functions, of `forEach` with such a function."""
        actions = {id(call.node): call for call in handler.sdk_calls()}
        for scope in handler.functions:
            for statement in scope.all(Evaluate):
                call = statement.value
                if not isinstance(call, Call) or not _is_asynchronous(handler, scope, statement):
                    continue
                action = actions.get(id(call))
                if action is not None and handler.language != "python":
                    if _gives_promise(handler, call) and action.form == "call":
                        yield handler.finding(call, part=action.operation, call=action.action)
                elif _runs_each(call):
                    yield handler.finding(
                        call,
                        part="forEach",
                        call=f"{shown(handler, call.callee)} with an asynchronous function",
                    )
                elif _is_own_coroutine(handler, call):
                    yield handler.finding(call, call=shown(handler, call.callee))

    def fix(self, finding: Finding) -> Fix | None:
        """Wait for the work."""
        return None if finding.code is None else self.offer(Rewrite(finding.resource, finding.code, "wait"))

    bad = (
        python(
            """
            import asyncio

            def handler(event, context):
                return asyncio.run(main(event))

            async def main(event):
                save(event)
                return {"statusCode": 202}

            async def save(event):
                await asyncio.to_thread(print, event["id"])
            """
        ),
        typescript(
            """
            import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

            const sqs = new SQSClient({});

            export const handler = async (event: { bodies: string[] }) => {
              event.bodies.forEach(async (body) => {
                await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: body }));
              });
              return { statusCode: 202 };
            };
            """
        ),
        typescript(
            """
            import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

            const sqs = new SQSClient({});

            export const handler = async (event: { body: string }) => {
              sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: event.body }));
              return { statusCode: 202 };
            };
            """
        ),
    )
    good = (
        python(
            """
            import asyncio

            def handler(event, context):
                return asyncio.run(main(event))

            async def main(event):
                await save(event)
                return {"statusCode": 202}

            async def save(event):
                await asyncio.to_thread(print, event["id"])
            """
        ),
        typescript(
            """
            import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

            const sqs = new SQSClient({});

            export const handler = async (event: { bodies: string[] }) => {
              await Promise.all(
                event.bodies.map(async (body) => {
                  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: body }));
                }),
              );
              return { statusCode: 202 };
            };
            """
        ),
    )


def _is_asynchronous(handler: Handler, scope: Scope, node: Node) -> bool:
    """Whether the innermost function around a statement is asynchronous: its end is the end of the work."""
    for outer in handler.around(node):
        if isinstance(outer, Function):
            return outer.is_async
    return scope.node is not None and scope.node.is_async


def _gives_promise(handler: Handler, call: Call) -> bool:
    """Whether a call of an SDK answers with a promise: version 3 without a callback; of version 2 only `.promise()`, which is another call."""
    return "@aws-sdk/" in handler.name(call.callee) and not any(
        isinstance(argument, Function) for argument in call.arguments
    )


def _runs_each(call: Call) -> bool:
    """`items.forEach(async ...)`."""
    return (
        isinstance(call.callee, Attribute)
        and call.callee.name == "forEach"
        and any(isinstance(item, Function) and item.is_async for item in call.arguments[:1])
    )


def _is_own_coroutine(handler: Handler, call: Call) -> bool:
    """Whether the call runs an asynchronous function of the package, one that waits for something."""
    target = handler.called(call)
    if target is None or target.node is None or not target.node.is_async:
        return False
    return any(True for _ in target.all(Await)) or handler.language == "python"


class CallbackInAsyncHandler(Rule):
    """An asynchronous handler answers with what it returns; its callback is called too late or not at all.

    Lambda takes the promise of an `async` function for the answer: when it ends, the invocation ends, with `null` if nothing is returned. A callback that comes later is lost, or answers the next
    caller. Return the answer, or make the handler no `async` function. Node.js 24 has no callbacks at all.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "the handler is asynchronous and answers through {callback}: Lambda takes what it returns, which is nothing"
    references = (_NODE,)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for calls of the third parameter in asynchronous handlers that return nothing."""
        entry = handler.entry.node
        if entry is None or not entry.is_async or len(entry.parameters) < 3 or handler.language == "python":
            return
        name = entry.parameters[2].name
        answers = any(
            item.value is not None and not _is_call_of(item.value, name) for item in handler.entry.all(Return)
        )
        if answers or not name:
            return
        for call in handler.entry.all(Call):
            if _is_call_of(call, name) and not _is_returned(handler, call):
                yield handler.finding(call, part="callback", callback=name)
                return

    bad = typescript(
        """
        import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

        const sqs = new SQSClient({});

        export const handler = async (event: any, context: any, callback: any) => {
          sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: event.body }), (error) =>
            callback(error, { statusCode: 202 }),
          );
        };
        """
    )
    good = typescript(
        """
        import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

        const sqs = new SQSClient({});

        export const handler = (event: any, context: any, callback: any) => {
          sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: event.body }), (error) =>
            callback(error, { statusCode: 202 }),
          );
        };
        """
    )


def _is_call_of(node: Node, name: str) -> bool:
    return isinstance(node, Call) and isinstance(node.callee, Name) and node.callee.id == name


def _is_returned(handler: Handler, call: Call) -> bool:
    """Whether a callback stands in the handler itself, not in what runs later."""
    return not any(
        isinstance(outer, Function) and outer is not handler.entry.node for outer in handler.around(call)
    )


class HandlerIsCoroutine(Rule):
    """Lambda does not wait for an `async def` in Python: it gets a coroutine that never runs, and fails to send it.

    The runtime calls the handler as a plain function. What it returns is the coroutine, which cannot be written as JSON: `Runtime.MarshalError`. Call `asyncio.run` in a plain handler.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "the handler {name} is a coroutine, which Lambda does not run: every invocation fails"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html",)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at the handler itself; one that a decorator wraps may be run by it."""
        entry = handler.entry.node
        if entry is None or handler.language != "python" or not entry.is_async or entry.decorators:
            return
        if handler.location.symbol == handler.entry.name:
            yield handler.finding(entry, part="handler", name=handler.entry.name)

    bad = python(
        """
        import asyncio

        async def handler(event, context):
            await asyncio.sleep(0.1)
            return {"statusCode": 200}
        """
    )
    good = python(
        """
        import asyncio

        def handler(event, context):
            return asyncio.run(main(event))

        async def main(event):
            await asyncio.sleep(0.1)
            return {"statusCode": 200}
        """
    )


RULES = (WorkNotAwaited(), CallbackInAsyncHandler(), HandlerIsCoroutine())
