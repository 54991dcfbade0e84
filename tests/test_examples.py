"""The examples carry faults on purpose: those that the rules can see are found at their lines, what is right is left alone.

`UPDATE_GOLDEN=1 pytest tests/test_examples.py` writes the reports anew, for a person to read the difference.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest

from stackworthy import judge
from stackworthy.aws import runtimes
from stackworthy.cli import main
from stackworthy.config import Options, load, merge
from stackworthy.core.review import FindingRecord, StackReview

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"

FLASHCARDS = """
    alarm-dimension-never-published       311          499          alarms.tf:32
    alarm-without-action                  272 288 304  460 476 492  alarms.tf:1 alarms.tf:14 alarms.tf:27
    http-api-for-any-origin               38           32           api.tf:28
    http-stage-without-throttling         33           37           api.tf:35
    http-stage-without-access-log         33           37           api.tf:35
    website-over-http                     248          436          frontend.tf:5
    tracing-off                           43           310          function.tf:7
    function-logs-kept-for-ever           43           310          function.tf:7
    bucket-allows-plain-http              232          420          data.tf:44
    bucket-unversioned                    232          420          data.tf:44
    bucket-without-lifecycle              232          420          data.tf:44
    recovery-off                          202          390          data.tf:12
    passing-data-recovery-off             204 219      392 407      data.tf:16 data.tf:32
    deletion-protection-off               190 204 219  378 392 407  data.tf:1 data.tf:16 data.tf:32
"""
"""What is wrong with the flashcards, and where in SAM, CloudFormation and Terraform."""

MEETINGS = """
    alarm-dimension-never-published  alarms.tf:31
    bucket-logs-to-itself            s3.tf:150
    versions-kept-for-ever           s3.tf:11
    recovery-off                     dynamodb.tf:83
    deletion-protection-off          dynamodb.tf:22
    permissions-can-be-escalated     iam.tf:74
    whole-service-allowed            iam.tf:74 iam.tf:135
    any-role-can-be-passed           iam.tf:135
    task-failure-unhandled           stepfunctions.tf:19
    executions-not-logged            stepfunctions.tf:1
    workflow-tracing-off             stepfunctions.tf:1
    images-kept-for-ever             ecs.tf:1
    images-not-scanned               ecs.tf:1
    image-tags-mutable               ecs.tf:1
    container-insights-off           ecs.tf:5
    logs-kept-for-ever               ecs.tf:9
    nat-in-front-of-buckets          network.tf:45
    nat-in-front-of-tables           network.tf:45
    flow-logs-off                    network.tf:5
    one-nat-for-several-zones        network.tf:45
    whole-service-attached           iam.tf:177
    archived-too-briefly             s3.tf:46
    bill-runs-away-unnoticed         main.tf:1
    http-stage-without-throttling    api.tf:6
    http-stage-without-access-log    api.tf:6
    rule-target-without-dead-letters events.tf:15
    function-logs-kept-for-ever      lambda.tf:49 lambda.tf:69 lambda.tf:87 lambda.tf:104 lambda.tf:124 lambda.tf:141 lambda.tf:158
    tracing-off                      lambda.tf:49 lambda.tf:69 lambda.tf:87 lambda.tf:104 lambda.tf:124 lambda.tf:141 lambda.tf:158
"""
"""What is wrong with the meetings."""

BOOKING = """
    mutating-method-without-authorization  api.yaml:141
    rest-stage-without-throttling          api.yaml:304
    timeout-longer-than-rest-api           functions.yaml:388
    recovery-off                           data.yaml:56
    passing-data-recovery-off              data.yaml:80
    method-may-not-invoke                  api.yaml:177
    deployment-before-methods              api.yaml:281
    alarm-threshold-in-seconds             monitoring.yaml:79
    filter-doubles-metric                  monitoring.yaml:45
    filter-misses-exceptions               monitoring.yaml:89
    every-topic-writable                   functions.yaml:334
    deletion-protection-off                data.yaml:54 data.yaml:80
    provisioned-without-scaling            data.yaml:21
    user-pool-deletable                    data.yaml:126
    mfa-off                                data.yaml:132
    weak-password-policy                   data.yaml:134
    password-sent-to-cognito               data.yaml:148
    refresh-token-lives-too-long           data.yaml:149
    topic-key-shuts-out-publisher          monitoring.yaml:30
    alarm-dimension-not-of-metric-filter   monitoring.yaml:102
    alarm-dimension-never-published        monitoring.yaml:155
    runtime-deprecated                     enclave.yaml:94
    function-logs-kept-for-ever            enclave.yaml:90
    whole-service-allowed                  enclave.yaml:119
    partial-batch-failures-off             enclave.yaml:124
    visibility-timeout-under-six-runs      enclave.yaml:78
    too-few-receives                       enclave.yaml:82
    dead-letters-expire-too-soon           enclave.yaml:84
    failed-messages-unwatched              jobs.yaml:167
    async-failures-dropped                 jobs.yaml:32 jobs.yaml:97
    viewer-http-allowed                    site.yaml:103
    old-viewer-tls                         site.yaml:92
    bucket-never-cached                    site.yaml:105
    compression-off                        site.yaml:106
    dearest-price-class                    site.yaml:88
    versions-kept-for-ever                 site.yaml:24
    bucket-allows-plain-http               site.yaml:20
"""
"""What is wrong with the booking."""

TIMESHEETS = """
    recovery-off                         Data/TimeEntries
    passing-data-recovery-off            Data/Events
    reserved-variable-set                Functions/UsersCreate Functions/EntriesCreate Functions/TrackEvent
    provisioned-concurrency-uncalled     Functions/CustomAuthorizerAlias
    sampling-of-functions                Monitoring/FunctionSampling
    role-of-many-functions               Functions/Role
    deletion-protection-off              Data/Events
    timeout-longer-than-rest-api         Functions/EntriesCreate Functions/EntriesBulk Functions/Performance Functions/ReportsGenerate
    mutating-method-without-authorization  Api/RestApi/Default/analytics/events/POST
    rest-stage-without-throttling        Api/RestApi/DeploymentStage.prod
    rest-api-for-any-origin              Api/RestApi
    alarm-threshold-out-of-reach         Monitoring/ReportsSlow
    alarm-on-feature-left-off            Monitoring/CacheMisses
    runtime-deprecated                   Functions/Performance
    every-resource-reachable             Functions/Role/DefaultPolicy
    async-failures-dropped               Jobs/Aggregate
"""
"""What is wrong with the timesheets, by the paths of their constructs."""

RIGHT = """
    flashcards/sam             alarm-dimension-never-published   LatencyAlarm
    flashcards/sam             alarm-dimension-never-published   ErrorsAlarm
    flashcards/sam             bucket-public-access-not-blocked  UserDbsBucket
    flashcards/sam             timeout-longer-than-http-api      ApiFunction
    flashcards/sam             permissions-can-be-escalated      ApiFunctionRole
    flashcards/sam             whole-service-allowed             ApiFunctionRole
    flashcards/sam             public-invoke-permission          ApiFunction
    flashcards/sam             mutating-route-without-authorization  HttpApi POST /api/login
    flashcards/sam             mutating-route-without-authorization  HttpApi POST /api/register
    flashcards/terraform       bucket-public-access-not-blocked  aws_s3_bucket.user_dbs
    flashcards/terraform       alarm-dimension-never-published   aws_cloudwatch_metric_alarm.latency
    flashcards/cloudformation  alarm-dimension-never-published   LatencyAlarm
    meetings                   bucket-allows-plain-http          aws_s3_bucket.recordings
    meetings                   bucket-public-access-not-blocked  aws_s3_bucket.recordings
    meetings                   key-rotation-off                  aws_kms_key.dynamodb
    meetings                   alarm-without-action              aws_cloudwatch_metric_alarm.dynamodb_throttles
    meetings                   alarm-dimension-never-published   aws_cloudwatch_metric_alarm.pipeline_failed
    booking                    mutating-method-without-authorization  Api/PostHold
    booking                    alarm-dimension-never-published   Monitoring/EnclaveErrorsAlarm
    booking                    alarm-dimension-never-published   Monitoring/ReadThrottlesAlarm
    booking                    partial-batch-failures-off        Enclave/AnnounceSource
    booking                    partial-batch-failures-off        Jobs/MailerSource
    booking                    failed-messages-unwatched         Enclave/MentionsDeadLetters
    booking                    bucket-allows-plain-http          Data/ExportsBucket
    timesheets                 alarm-dimension-never-published   Timesheets-prod/Monitoring/ServerErrors/Resource
    timesheets                 alarm-threshold-out-of-reach      Timesheets-prod/Monitoring/WorkerErrors/Resource
    timesheets                 mutating-method-without-authorization  Timesheets-prod/Api/RestApi/Default/auth/refresh/POST/Resource
    timesheets                 failed-messages-unwatched         Timesheets-prod/ReportQueue/DeadLetters/Resource
    timesheets                 database-public                   Timesheets-Warehouse-prod/Cluster/Writer/Resource
    timesheets                 recovery-off                      Timesheets-prod/Data/Users/Resource
"""
"""What is right on purpose."""


@pytest.fixture(autouse=True)
def _the_day_the_runtimes_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "today", runtimes.as_of)


@cache
def reviewed(example: str) -> list[StackReview]:
    """The stacks of an example, judged by every rule."""
    folder = ROOT / "examples" / example
    settings = merge(load(folder, root=str(ROOT)), Options(profile="strict"))
    return judge.review(folder, settings).stacks


def findings(example: str) -> list[FindingRecord]:
    return [finding for stack in reviewed(example) for finding in stack.findings]


def rows(table: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in table.strip().splitlines()]


def places(example: str, rule: str, files: str) -> set[str]:
    """Where an example breaks a rule, in the file names of the tables."""
    found = {
        f"{place.file}:{place.line}"
        for finding in findings(example)
        if finding.rule == rule
        for place in finding.locations
        if place.role == "fault"
    }
    return {place.removeprefix(files) for place in found}


@pytest.mark.parametrize("row", rows(FLASHCARDS), ids=lambda row: row[0])
def test_faults_of_the_flashcards_are_found_in_each_format(row: list[str]) -> None:
    rule, sam, cloudformation, terraform = row
    assert places("flashcards/sam", rule, "template.yaml:") >= set(sam.split())
    assert places("flashcards/cloudformation", rule, "template.yaml:") >= set(cloudformation.split())
    assert places("flashcards/terraform", rule, "") >= set(terraform.split())


@pytest.mark.parametrize(
    "row", rows(re.sub(r"(-\w+) (\w+\.tf)", r"\1  \2", MEETINGS)), ids=lambda row: row[0]
)
def test_faults_of_the_meetings_are_found(row: list[str]) -> None:
    rule, where = row
    assert places("meetings", rule, "infra/terraform/") == set(where.split())


@pytest.mark.parametrize("row", rows(BOOKING), ids=lambda row: row[0])
def test_faults_of_the_booking_are_found(row: list[str]) -> None:
    rule, where = row
    assert places("booking", rule, "infrastructure/") == set(where.split())


@pytest.mark.parametrize("row", rows(TIMESHEETS), ids=lambda row: row[0])
def test_faults_of_the_timesheets_are_found_in_their_assembly(row: list[str]) -> None:
    rule, where = row
    found = {each.address.removesuffix("/Resource") for each in findings("timesheets") if each.rule == rule}
    assert found == {f"Timesheets-prod/{path}" for path in where.split()}


@pytest.mark.parametrize(("example", "functions"), [("booking", 18), ("timesheets", 19)])
def test_every_function_leads_to_its_code(
    example: str, functions: int, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["graph", str(ROOT / "examples" / example), "--format", "json"])
    drawn = json.loads(capsys.readouterr().out)
    code = {
        (resource["address"], resource["code"])
        for stack in drawn["stacks"]
        for environment in stack["environments"]
        for resource in environment["resources"]
        if resource["kind"] == "AWS::Lambda::Function"
    }
    assert len(code) == functions
    assert all(folder and (ROOT / "examples" / example / folder).is_dir() for _, folder in code)


@pytest.mark.parametrize(
    ("example", "rule"),
    [("flashcards/terraform", "recovery-off"), ("meetings", "recovery-off"), ("booking", "recovery-off")],
)
def test_a_fault_of_one_environment_is_one_of_that_environment(example: str, rule: str) -> None:
    environments = [finding.environments for finding in findings(example) if finding.rule == rule]
    assert environments[0] == ["dev"]
    assert all(found == ["dev", "prod"] for found in environments[1:])


@pytest.mark.parametrize("row", rows(RIGHT), ids=" ".join)
def test_what_is_right_passes(row: list[str]) -> None:
    example, rule, address = row
    states = {
        each.state
        for stack in reviewed(example)
        for each in stack.verdicts
        if (each.rule, each.address) == (rule, address)
    }
    assert states == {"pass"}


@pytest.mark.parametrize("example", ["flashcards/sam", "meetings", "booking", "timesheets"])
def test_the_report_reads_as_it_did(
    example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    main(["review", f"examples/{example}", "--root", ".", "--fail-on", "never"])
    report = re.sub(
        r"\d+ (verdicts on .* in) \d+\.\d+ s$", r"… \1 … s", capsys.readouterr().out, flags=re.MULTILINE
    )
    golden = GOLDEN / f"{example.replace('/', '-')}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(report)
    assert report == golden.read_text()
