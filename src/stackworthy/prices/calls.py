"""What callers (functions, tasks, state machines) use of services that need no resource of their own.

Models of Bedrock, Transcribe, traces, custom metrics, logs that a function writes without a log group on the graph,
and data sent to the internet. The usage is stated on the caller, or on the stack (address `stack`).
https://aws.amazon.com/bedrock/pricing/ https://aws.amazon.com/transcribe/pricing/ https://aws.amazon.com/xray/pricing/
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.logs import ingestion_key
from stackworthy.prices.registry import UsageOf, prices, usage

STACK = "Stack"
"""The kind of the stack itself, whose usage is stated at the address `stack`."""

CALLERS = (
    "AWS::Lambda::Function",
    "AWS::ECS::TaskDefinition",
    "AWS::ECS::Service",
    "AWS::Batch::JobDefinition",
    "AWS::StepFunctions::StateMachine",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Stage",
    "AWS::AppSync::GraphQLApi",
    "AWS::Bedrock::Agent",
    "AWS::Bedrock::Flow",
    STACK,
)
PLAIN = {
    "monthly_traces": ("X-Ray traces recorded", "xray.traces-recorded", "traces", "Traces that begin here, after sampling."),
    "monthly_traces_read": ("X-Ray traces read", "xray.traces-read", "traces", "Traces retrieved or scanned."),
    "monthly_insights_traces": ("X-Ray Insights", "xray.insights-traces", "traces", "Traces that Insights analyses."),
    "custom_metrics": ("Custom metrics", "cloudwatch.metrics", "metrics", "Custom metrics published, one for each set of dimension values."),
    "monthly_metric_requests": ("Metric API requests", "cloudwatch.api-requests", "requests", "PutMetricData and other calls of CloudWatch's API."),
    "monthly_get_metric_data": ("GetMetricData", "cloudwatch.get-metric-data", "metrics", "Metrics that GetMetricData asks for."),
    "transcribe_seconds": ("Transcribe", "transcribe.batch", "seconds", "Audio transcribed in batches, at least 15 s a request."),
    "transcribe_streaming_seconds": ("Transcribe streaming", "transcribe.streaming", "seconds", "Audio transcribed as it streams."),
    "transcribe_redacted_seconds": ("Transcribe redaction", "transcribe.pii-redaction-add-on", "seconds", "Audio whose personal data is redacted."),
    "athena_scanned_tb": ("Athena queries", "athena.data-scanned", "TB", "Data that Athena scans."),
    "emails": ("Emails sent", "ses.email-sent", "emails", "Emails sent by SES."),
    "cost_explorer_requests": ("Cost Explorer requests", "cost-explorer.requests", "requests", "Requests of Cost Explorer's API."),
    "edge_requests": ("Lambda@Edge requests", "lambda-edge.requests", "requests", "Requests of functions at the edge."),
}  # fmt: skip
TRANSFER = {
    "monthly_outbound_internet_gb": ("Data transfer out", "data-transfer.out", 1, "Data sent to the internet."),
    "monthly_intra_region_gb": ("Data transfer between zones", "data-transfer.az", 2, "Data between zones, charged in both directions."),
    "monthly_outbound_us_east_to_us_east_gb": ("Data transfer within US East", "data-transfer.us-east", 1, "Data from us-east-1 to us-east-2 or back."),
    "monthly_outbound_other_regions_gb": ("Data transfer to other regions", "data-transfer.region", 1, "Data sent to other regions."),
}  # fmt: skip
MODEL_PREFIXES = ("bedrock.", "model.")
"""Usage keys of tokens are price keys themselves: `bedrock.claude-haiku-4.5-input-tokens-global-profile`."""

usage(*CALLERS, **{key: (unit, 0, meaning) for key, (_, _, unit, meaning) in PLAIN.items()})
usage(
    *CALLERS,
    monthly_log_gb=("GB", 0, "Logs written to a group that is no resource of the stack."),
    log_storage_gb=("GB", 0, "Compressed logs held in such a group."),
)
usage(*CALLERS, **{key: ("GB", 0, meaning) for key, (_, _, _, meaning) in TRANSFER.items()})


@prices(*CALLERS)
def services(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Traces, metrics and other services that are used."""
    if not asked.given:
        return
    for key, (component, price, unit, _what) in PLAIN.items():
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} {unit}")
    for key in asked.given:
        if key.startswith(MODEL_PREFIXES) and asked[key]:
            yield Cost(f"Tokens of {key.partition('.')[2]}", asked[key], key, f"{{{key}}} tokens")


@prices(*CALLERS)
def transfer(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Data transfer."""
    if not asked.given:
        return
    for key, (component, price, times, _what) in TRANSFER.items():
        if asked[key]:
            words = f"{{{key}}} GB × {times}" if times > 1 else f"{{{key}}} GB"
            yield Cost(component, asked[key] * times, price, words)


@prices(*CALLERS)
def own_logs(caller: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Logs in a group that the service makes by itself."""
    if asked["monthly_log_gb"]:
        function = caller.kind == "AWS::Lambda::Function"
        price, assumed = ingestion_key(asked, infrequent=False, vended=function)
        yield Cost("Log ingestion", asked["monthly_log_gb"], price, "{monthly_log_gb} GB", assumption=assumed)
    if asked["log_storage_gb"]:
        yield Cost("Log storage", asked["log_storage_gb"], "logs.storage", "{log_storage_gb} GB")
