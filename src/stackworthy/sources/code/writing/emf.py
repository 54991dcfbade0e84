"""Metrics of the work itself, in the embedded metric format: one line of the log, from which CloudWatch makes metrics.

Items and the milliseconds that each took, where the handler is one loop over records; tokens, where a model of Bedrock is called. The one
dimension is the function's name: their number stays bounded, whatever events hold.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from stackworthy.core.code import Assign, Await, Loop, Name, Node, Other, walk
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.sdk import SdkCall
from stackworthy.sources.code.writing.report_failures import record_loop
from stackworthy.sources.code.writing.source import Source, Span

MAX_VALUES = 100
"""Values that one metric of a line may have."""
_PYTHON = '''
def put_metrics(**values):
    """One line in the embedded metric format, from which CloudWatch makes metrics."""
    metrics = [{"Name": name, "Unit": "Milliseconds" if "Duration" in name else "Count"} for name in values]
    directive = {"Namespace": "NAMESPACE", "Dimensions": [["FunctionName"]], "Metrics": metrics}
    line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}}
    print(json.dumps({**line, "FunctionName": os.environ["AWS_LAMBDA_FUNCTION_NAME"], **values}))

'''
_SCRIPT = """
/** One line in the embedded metric format, from which CloudWatch makes metrics. */
const putMetrics = (valuesTYPE) => {
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: Name.includes("Duration") ? "Milliseconds" : "Count" }));
  const directive = { Namespace: "NAMESPACE", Dimensions: [["FunctionName"]], Metrics };
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [directive] };
  process.stdout.write(`${JSON.stringify({ _aws, FunctionName: process.env.AWS_LAMBDA_FUNCTION_NAME, ...values })}\\n`);
};

"""


def emf(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Measure items and tokens; `namespace` of the options names the metrics. Raises `CannotWrite`."""
    source = Source(workspace, change)
    namespace = str(change.options.get("namespace", "Application"))
    if not namespace.replace("/", "").replace("-", "").replace(" ", "").isalnum():
        raise CannotWrite("the namespace is no plain name")
    if source.is_mentioned("put_metrics") or source.is_mentioned("putMetrics"):
        raise CannotWrite("the file measures already")
    loop = record_loop(source)
    splices = [*(_timed(source, loop) if loop is not None else []), *_tokens(source)]
    if not splices:
        raise CannotWrite(
            "there is neither one loop over records nor a call of a model", "choose what to count"
        )
    return [_helper(source, namespace), *splices]


def _helper(source: Source, namespace: str) -> Splice:
    """The function that writes the line, after the imports that it needs."""
    position = source.after_imports()
    text = _PYTHON if source.python else _SCRIPT
    if source.python:
        names = [name for name in ("json", "os", "time") if source.local_name(name, "") != name]
        if any(source.is_mentioned(name) for name in names):
            raise CannotWrite("the file uses json, os or time for something else")
        text = "".join(f"import {name}\n" for name in names) + ("\n" + text)
    else:
        typed = source.unit.module.language == "typescript"
        text = text.replace("TYPE", ": Record<string, number | number[]>" if typed else "")
    following = source.text[position : source.line_end(position)].strip()
    text = text.replace("NAMESPACE", namespace).rstrip("\n") + ("\n\n\n" if following else "\n")
    return source.at_top(position, text.replace("\n", source.newline.decode()).encode())


def _timed(source: Source, loop: Loop) -> list[Splice]:
    """The time of each turn of the loop, and how many there were."""
    body = [source.statement(part) for part in loop.body]
    last = Span(min(item.start for item in body), max(item.end for item in body))
    skips = any(isinstance(part, Other) and part.what.startswith("continue") for part in walk(*loop.body))
    if skips or not source.is_alone(Span(max(source.line_start(last.end), last.start), last.end)):
        raise CannotWrite("the loop leaves out a part of its turn", "measure each way through it")
    outer, inner = source.indentation(source.statement(loop).start), source.indentation(last.start)
    names = ("durations", "started")
    if any(source.is_mentioned(name) for name in names):
        raise CannotWrite("durations or started is there already")
    if source.python:
        lines = (
            "durations = []",
            "started = time.perf_counter()",
            "durations.append(round((time.perf_counter() - started) * 1000, 1))",
            f"put_metrics(Items=len(durations), ItemDuration=durations[:{MAX_VALUES}])",
        )
    else:
        kind = ": number[]" if source.unit.module.language == "typescript" else ""
        lines = (
            f"const durations{kind} = []{source.end}",
            f"const started = performance.now(){source.end}",
            f"durations.push(performance.now() - started){source.end}",
            f"putMetrics({{ Items: durations.length, ItemDuration: durations.slice(0, {MAX_VALUES}) }}){source.end}",
        )
    places = (
        (source.line_start(source.statement(loop).start), outer),
        (source.line_start(last.start), inner),
        (source.line_end(last.end), inner),
        (source.line_end(source.statement(loop).end), outer),
    )
    return [
        source.splice(place, place, indentation + line.encode() + source.newline)
        for (place, indentation), line in zip(places, lines, strict=True)
    ]


def _tokens(source: Source) -> list[Splice]:
    """What each call of a model used, after the statement that keeps its answer."""
    splices = []
    for call in source.handler.sdk_calls("bedrock-runtime:Converse"):
        answer = _kept(source, call)
        if answer is None or call.scope.unit is not source.unit:
            continue
        statement, name = answer
        if source.python:
            usage = f"{name}[{source.quoted('usage')}]"
            used = [f"{usage}[{source.quoted(key)}]" for key in ("inputTokens", "outputTokens")]
            line = f"put_metrics(InputTokens={used[0]}, OutputTokens={used[1]})"
        else:
            used = [f"{name}.usage?.{key} ?? 0" for key in ("inputTokens", "outputTokens")]
            line = f"putMetrics({{ InputTokens: {used[0]}, OutputTokens: {used[1]} }}){source.end}"
        end = source.line_end(statement.end)
        text = source.indentation(statement.start) + line.encode() + source.newline
        splices.append(source.splice(end, end, text))
    return splices


def _kept(source: Source, call: SdkCall) -> tuple[Span, str] | None:
    """The statement that keeps the answer of a call in a variable, and the variable."""
    node: Node = call.node
    parent = source.parent(node)
    if isinstance(parent, Await):
        node, parent = parent, source.parent(parent)
    if not isinstance(parent, Assign) or parent.value is not node or len(parent.targets) != 1:
        return None
    target = parent.targets[0]
    statement = source.statement(parent)
    if not isinstance(target, Name) or not source.is_alone(statement):
        return None
    return statement, target.id
