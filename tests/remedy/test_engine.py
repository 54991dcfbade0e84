"""Fixes are chosen, written on a copy, proven, and only then offered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from stackworthy.config import Options, Settings, load, merge
from stackworthy.core.fix import Change, Remove
from stackworthy.core.patch import spliced
from stackworthy.core.workspace import Disk, Overlay, Workspace
from stackworthy.remedy import Remedy, Wanted, engine, mend, remedy
from stackworthy.remedy import proof as proof_module
from stackworthy.remedy.candidates import owner
from stackworthy.remedy.proof import Proof
from stackworthy.remedy.state import State, state_of
from stackworthy.sources.find import find
from stackworthy.sources.writing import patch


def mended(folder: Path, *, unsafe: bool = True, rules: tuple[str, ...] = ()) -> Remedy:
    settings = merge(load(str(folder), root=None), Options())
    return remedy(folder, settings, Wanted(rules=frozenset(rules), unsafe=unsafe))


def lay(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(dedent(text))
    return folder


QUEUE = """\
    Resources:
      # what waits
      Jobs:
        Type: AWS::SQS::Queue
        Properties: {MessageRetentionPeriod: 345600}
      Worker:
        Type: AWS::Lambda::Function
        Properties:
          Runtime: python3.14   # ours
          Handler: app.main
          Code: {ZipFile: "def main(event, context): pass"}
          Role: arn:aws:iam::111122223333:role/worker
    """


def test_a_safe_fix_is_offered_without_asking_and_an_unsafe_one_is_named(tmp_path: Path) -> None:
    text = "Resources:\n  Images:\n    Type: AWS::ECR::Repository\n  Table:\n    Type: AWS::DynamoDB::Table\n"
    found = mended(lay(tmp_path, template__yaml=text), unsafe=False)
    assert all(proposal.safety == "safe" for proposal in found.proposals)
    assert "images-not-scanned" in {proposal.record.rule for proposal in found.proposals}
    left = {record.rule: why for stack in found.stacks for record, why in stack.optional}
    assert left["recovery-off"] == "continuous backups are billed by the size of the table"


def test_everything_but_the_lines_of_fixes_stays(tmp_path: Path) -> None:
    found = mended(lay(tmp_path, template__yaml=QUEUE))
    before, after = dedent(QUEUE).split("\n"), found.edits["template.yaml"].decode().split("\n")
    assert [line for line in before if line not in after] == []
    assert "      Runtime: python3.14   # ours" in after


def test_a_second_run_offers_nothing(tmp_path: Path) -> None:
    lay(tmp_path, template__yaml=QUEUE)
    first = mended(tmp_path)
    assert first.edits
    (tmp_path / "template.yaml").write_bytes(first.edits["template.yaml"])
    assert mended(tmp_path).edits == {}


def test_only_the_rules_that_are_asked_for_are_fixed(tmp_path: Path) -> None:
    found = mended(lay(tmp_path, template__yaml=QUEUE), rules=("tracing-off",))
    assert {proposal.record.rule for proposal in found.proposals} == {"tracing-off"}


def test_every_proposal_says_what_was_checked(tmp_path: Path) -> None:
    found = mended(lay(tmp_path, template__yaml=QUEUE))
    for proposal in found.proposals:
        assert "the finding is gone" in proposal.checks
        assert "no rule finds anything new" in proposal.checks


def test_a_fix_that_would_bring_up_another_finding_is_refused_with_the_reason(tmp_path: Path) -> None:
    template = """\
        Resources:
          Throttles:
            Type: AWS::CloudWatch::Alarm
            Properties:
              Namespace: AWS/DynamoDB
              MetricName: UserErrors
              Dimensions: [{Name: TableName, Value: !Ref Table}]
              Statistic: Sum
              Period: 60
              EvaluationPeriods: 1
              Threshold: 1
              ComparisonOperator: GreaterThanThreshold
          Table:
            Type: AWS::DynamoDB::Table
            Properties:
              KeySchema: [{AttributeName: a, KeyType: HASH}]
              AttributeDefinitions: [{AttributeName: a, AttributeType: S}]
              BillingMode: PAY_PER_REQUEST
        """
    found = mended(lay(tmp_path, template__yaml=template), rules=("alarm-dimension-never-published",))
    assert found.proposals == []
    (refused,) = [item for stack in found.stacks for item in stack.refused]
    assert refused.reason.startswith("the patch would bring up alarm-without-action")


def test_a_create_only_property_makes_a_fix_unsafe_and_says_what_is_lost(tmp_path: Path) -> None:
    from stackworthy.core.fix import Fix, Set
    from stackworthy.remedy.candidates import Candidate
    from stackworthy.remedy.state import state_of

    lay(tmp_path, template__yaml="Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n")
    workspace = Disk(tmp_path)
    settings = merge(load(str(tmp_path), root=None), Options())
    (stack,) = find(workspace, "", settings).stacks
    state = state_of(workspace, stack, settings)
    view = state.views[0]
    queue = view.reading.graph["Jobs"]
    fix = Fix.safe(Set(queue, "QueueName", "other"))
    candidate = Candidate(record=None, rule=None, fix=fix, view=view)  # type: ignore[arg-type]
    assert candidate.unsafe_because == (
        "QueueName can only be set at creation: the resource is replaced, and what it holds is lost"
    )


def test_what_all_functions_of_a_sam_template_need_is_said_once_in_globals(tmp_path: Path) -> None:
    template = """\
        Transform: AWS::Serverless-2016-10-31
        Resources:
          One:
            Type: AWS::Serverless::Function
            Properties: {Runtime: python3.14, Handler: a.b, InlineCode: "x"}
          Two:
            Type: AWS::Serverless::Function
            Properties: {Runtime: python3.14, Handler: a.b, InlineCode: "x"}
        """
    found = mended(lay(tmp_path, template__yaml=template), rules=("tracing-off",))
    after = found.edits["template.yaml"].decode()
    assert "Globals:\n  Function:\n    Tracing: Active\n" in after
    (proposal,) = found.proposals
    assert len(proposal.also) == 1


def test_one_function_s_need_is_said_at_that_function(tmp_path: Path) -> None:
    template = """\
        Transform: AWS::Serverless-2016-10-31
        Resources:
          One:
            Type: AWS::Serverless::Function
            Properties: {Runtime: python3.14, Handler: a.b, InlineCode: "x", Tracing: Active}
          Two:
            Type: AWS::Serverless::Function
            Properties: {Runtime: python3.14, Handler: a.b, InlineCode: "x"}
        """
    found = mended(lay(tmp_path, template__yaml=template), rules=("tracing-off",))
    after = found.edits["template.yaml"].decode()
    assert "Globals" not in after
    assert after.count("Tracing: Active") == 2


def test_a_parameter_that_only_the_property_uses_gets_another_default(tmp_path: Path) -> None:
    template = """\
        Parameters:
          Mode: {Type: String, Default: PassThrough}
        Resources:
          Fn:
            Type: AWS::Lambda::Function
            Properties: {Runtime: python3.14, Handler: a.b, Role: r, Code: {ZipFile: x}, TracingConfig: {Mode: !Ref Mode}}
        """
    found = mended(lay(tmp_path, template__yaml=template), rules=("tracing-off",))
    assert "Mode: {Type: String, Default: Active}" in found.edits["template.yaml"].decode()


def test_a_variable_that_two_resources_use_is_left_alone(tmp_path: Path) -> None:
    root = """\
        variable "days" {
          default = null
        }
        resource "aws_cloudwatch_log_group" "a" {
          retention_in_days = var.days
        }
        resource "aws_sqs_queue" "b" {
          delay_seconds = var.days
        }
        """
    found = mended(lay(tmp_path, main__tf=root), rules=("logs-kept-for-ever",))
    after = found.edits["main.tf"].decode()
    assert "default = null" in after
    assert "retention_in_days = 90" in after


def test_a_satellite_is_added_beside_its_bucket_in_the_file_s_own_names(tmp_path: Path) -> None:
    root = """\
        resource "aws_s3_bucket" "files" {
          bucket = "files"
        }

        resource "aws_s3_bucket_versioning" "files" {
          bucket = aws_s3_bucket.files.id

          versioning_configuration {
            status = "Enabled"
          }
        }

        resource "aws_sqs_queue" "after" {}
        """
    found = mended(lay(tmp_path, main__tf=root), rules=("versions-kept-for-ever",))
    after = found.edits["main.tf"].decode()
    assert (
        'resource "aws_s3_bucket_lifecycle_configuration" "files" {\n  bucket = aws_s3_bucket.files.id\n'
        in after
    )
    assert after.index("aws_s3_bucket_lifecycle") < after.index("aws_sqs_queue")


def test_a_fix_in_a_file_that_another_stack_reads_must_not_harm_that_stack(tmp_path: Path) -> None:
    module = 'variable "days" {\n  default = null\n}\n\nresource "aws_cloudwatch_log_group" "this" {\n  retention_in_days = var.days\n}\n'
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        lay(tmp_path / name, main__tf='module "logs" {\n  source = "../logs"\n}\n')
    (tmp_path / "logs").mkdir()
    lay(tmp_path / "logs", main__tf=module)
    (tmp_path / ".git").mkdir()
    found = mended(tmp_path, rules=("logs-kept-for-ever",))
    assert set(found.edits) == {"logs/main.tf"}
    again = mend(
        Overlay(Disk(tmp_path), dict(found.edits)),
        [stack.stack for stack in found.stacks],
        merge(load(str(tmp_path), root=None), Options()),
        Wanted(unsafe=True, rules=frozenset({"logs-kept-for-ever"})),
    )
    assert again.edits == {}


def test_an_environment_that_would_change_unasked_makes_a_fix_unsafe(tmp_path: Path) -> None:
    template = """\
        Parameters:
          Stage: {Type: String}
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        Resources:
          Fn:
            Type: AWS::Lambda::Function
            Properties:
              Runtime: python3.14
              Handler: a.b
              Role: r
              Code: {ZipFile: x}
              TracingConfig: {Mode: !If [IsProd, PassThrough, Active]}
        """
    lay(tmp_path, template__yaml=template)
    lay(
        tmp_path,
        stackworthy__toml="""\
            [environment.dev]
            parameters = { Stage = "dev" }
            [environment.prod]
            parameters = { Stage = "prod" }
            """,
    )
    found = mended(tmp_path, rules=("tracing-off",))
    assert "TracingConfig: {Mode: Active}" in found.edits["template.yaml"].decode()


def test_a_stack_that_cannot_be_read_is_named_and_the_others_are_mended(tmp_path: Path) -> None:
    lay(tmp_path, good__yaml=QUEUE, bad__yaml="Resources:\n  A: {Type: AWS::SQS::Queue\n")
    found = mended(tmp_path)
    assert "good.yaml" in found.edits


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_both_forms_of_a_template_are_mended_alike(tmp_path: Path, ending: str) -> None:
    text = {
        "yaml": "Resources:\n  Images:\n    Type: AWS::ECR::Repository\n",
        "json": '{\n  "Resources": {\n    "Images": {\n      "Type": "AWS::ECR::Repository"\n    }\n  }\n}\n',
    }[ending]
    (tmp_path / f"template.{ending}").write_text(text)
    found = mended(tmp_path, rules=("images-not-scanned",))
    assert len(found.proposals) == 1


def test_few_bad_fixes_among_many_are_found_with_few_proofs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = "".join(f"  T{number}:\n    Type: AWS::DynamoDB::Table\n" for number in range(60))
    lay(tmp_path, template__yaml="Resources:\n" + tables)
    bad, proofs = {"T7", "T41"}, []
    real = proof_module.prove

    def prove(before: State, workspace: Workspace, changes: Sequence[Change], wanted: Iterable[str]) -> Proof:
        proof = real(before, workspace, changes, wanted)
        proofs.append(proof)
        proof.suspects = bad & {owner(change).address for change in changes}
        proof.failure = "it harms" if proof.suspects else proof.failure
        return proof

    monkeypatch.setattr(engine, "prove", prove)
    found = mended(tmp_path, rules=("recovery-off", "deletion-protection-off"))
    refused = [item for stack in found.stacks for item in stack.refused]
    assert {item.record.address for item in refused} == bad
    assert len(found.proposals) == 120 - len(refused) == 116
    assert len(proofs) <= 8


def test_fixes_that_are_written_by_the_same_edit_stand_or_fall_together(tmp_path: Path) -> None:
    made = 'resource "aws_sqs_queue" "a" {\n  sqs_managed_sse_enabled = var.on\n}\n'
    made += made.replace('"a"', '"b"') + 'variable "on" {\n  default = true\n}\n'
    (tmp_path / "made").mkdir()
    (tmp_path / "made/main.tf").write_text(made)
    lay(tmp_path, main__tf='module "made" {\n  source = "./made"\n  on     = false\n}\n')
    found = mended(tmp_path, rules=("queue-encryption-off",))
    assert list(found.edits) == ["main.tf"]
    assert "  on     = true" in found.edits["main.tf"].decode()


def test_what_an_anchor_shares_is_mended_once_when_all_that_share_it_are_at_fault(tmp_path: Path) -> None:
    template = """\
        common: &common
          PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: false}
        Resources:
          A: {Type: AWS::DynamoDB::Table, Properties: *common}
          B:
            Type: AWS::DynamoDB::Table
            Properties:
              <<: *common
        """
    found = mended(lay(tmp_path, template__yaml=template), rules=("recovery-off",))
    assert len(found.proposals) == 2
    assert found.edits["template.yaml"].decode() == dedent(template).replace("false", "true")


def test_a_nested_stack_is_given_another_parameter_and_its_sister_is_left_alone(tmp_path: Path) -> None:
    child = """\
        Parameters: {Recovery: {Type: String}}
        Resources:
          T:
            Type: AWS::DynamoDB::Table
            Properties: {PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: !Ref Recovery}}
        """
    stack = "  {name}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml, Parameters: {{Recovery: '{on}'}}}}}}\n"
    template = "Resources:\n" + stack.format(name="C", on="false") + stack.format(name="D", on="true")
    lay(tmp_path, child__yaml=child)
    (tmp_path / "template.yaml").write_text(template)
    found = mended(tmp_path, rules=("recovery-off",))
    assert {file: text.decode() for file, text in found.edits.items()} == {
        "template.yaml": template.replace("'false'", "'true'")
    }


def test_all_arguments_that_make_up_what_is_taken_away_go(tmp_path: Path) -> None:
    text = 'resource "aws_dynamodb_table" "t" {\n  name = "t"\n  hash_key = "id"\n  billing_mode = "PAY_PER_REQUEST"\n  read_capacity = 1\n  write_capacity = 1\n}\n'
    (tmp_path / "main.tf").write_text(text)
    (stack,) = find(Disk(str(tmp_path)), "", Settings()).stacks
    state = state_of(Disk(str(tmp_path)), stack, Settings())
    reading = state.views[0].reading
    table = reading.graph["aws_dynamodb_table.t"]
    splices = patch(state.workspace, stack, reading, [Remove(table, "ProvisionedThroughput")])
    assert spliced(text.encode(), splices).decode().split("\n")[4:] == ["}", ""]


def test_limits_join_the_settings_that_a_stage_has_for_all_methods(tmp_path: Path) -> None:
    template = """\
        Resources:
          Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
          D: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
          S:
            Type: AWS::ApiGateway::Stage
            Properties:
              RestApiId: !Ref Api
              DeploymentId: !Ref D
              MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', LoggingLevel: INFO}]
        """
    found = mended(lay(tmp_path, template__yaml=template), rules=("rest-stage-without-throttling",))
    text = found.edits["template.yaml"].decode()
    assert "LoggingLevel: INFO, ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200}]" in text
