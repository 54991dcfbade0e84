"""What runs and who may call it: policies, jobs, endpoints, limits, tracing, deployments."""

from __future__ import annotations

from pathlib import Path

from tests.capabilities.stacks import CLOUDFORMATION, SAM
from tests.support.generated import on, only, text

HTTP_API = """
    Resources:
      Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: shop, ProtocolType: HTTP}}
      Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}
    """


def test_an_http_api_is_throttled_and_gets_no_firewall_cache_or_sampling(tmp_path: Path) -> None:
    made = on(tmp_path, "api-throttling-and-waf", template__yaml=HTTP_API)
    assert only(made).improvement.title == "Throttle what calls the APIs"
    assert "WAFv2" not in text(made, "template.yaml")
    for name in ("api-caching", "xray-sampling"):
        assert on(tmp_path, name, template__yaml=HTTP_API).found == []


def test_a_rest_stage_gets_a_web_acl_by_its_arn(tmp_path: Path) -> None:
    made = on(tmp_path, "api-throttling-and-waf", template__yaml=CLOUDFORMATION)
    written = text(made, "template.yaml")
    assert (
        "ResourceArn: !Sub arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Stage}"
        in written
    )
    assert "WebACLArn: !GetAtt ApiFirewall.Arn" in written


def test_only_open_reads_are_cached(tmp_path: Path) -> None:
    closed = CLOUDFORMATION.replace("AuthorizationType: NONE", "AuthorizationType: AWS_IAM")
    assert on(tmp_path, "api-caching", template__yaml=closed).found == []
    made = on(tmp_path, "api-caching", template__yaml=CLOUDFORMATION)
    assert "ResourcePath: /~1products" in text(made, "template.yaml")


def test_a_policy_is_made_of_the_calls_of_the_code(tmp_path: Path) -> None:
    made = on(tmp_path, "iam-tightening", template__yaml=CLOUDFORMATION)
    written = text(made, "template.yaml")
    assert "Action: dynamodb:GetItem" in written
    assert "Resource: !GetAtt Orders.Arn" in written
    assert "kms:GenerateDataKey*" in written
    assert '"dynamodb:*"' not in written


def test_a_policy_is_left_to_people_where_code_is_not_read_whole(tmp_path: Path) -> None:
    unread = CLOUDFORMATION.replace("import json\n", "import json\n          import unknown_package\n", 1)
    found = on(tmp_path, "iam-tightening", template__yaml=unread)
    assert not found.edits
    assert "is not read whole" in found.found[0].improvement.steps[0]


def test_a_task_with_two_containers_is_left_to_people(tmp_path: Path) -> None:
    second = "      ContainerDefinitions:\n        - {Name: helper, Image: busybox}\n"
    two = CLOUDFORMATION.replace("      ContainerDefinitions:\n", second)
    found = only(on(tmp_path, "batch-spot-migration", template__yaml=two))
    assert not found.edits
    assert "more than one container" in found.improvement.steps[0]


def test_a_job_that_is_submitted_already_is_recognised(tmp_path: Path) -> None:
    template = """
        Resources:
          Flow:
            Type: AWS::StepFunctions::StateMachine
            Properties:
              RoleArn: arn:aws:iam::111122223333:role/flow
              Definition:
                StartAt: Render
                States:
                  Render:
                    Type: Task
                    Resource: arn:aws:states:::batch:submitJob.sync
                    Parameters: {JobName: a, JobQueue: b, JobDefinition: c}
                    End: true
        """
    assert only(on(tmp_path, "batch-spot-migration", template__yaml=template)).improvement.done


def test_endpoints_are_not_put_into_public_route_tables_only(tmp_path: Path) -> None:
    template = """
        Resources:
          Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Way: {Type: AWS::EC2::InternetGateway}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
          Out:
            Type: AWS::EC2::Route
            Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Way}
        """
    assert on(tmp_path, "vpc-endpoints", template__yaml=template).found == []


def test_only_the_endpoint_that_is_missing_is_added(tmp_path: Path) -> None:
    template = """
        Resources:
          Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
          ToS3:
            Type: AWS::EC2::VPCEndpoint
            Properties:
              VpcId: !Ref Net
              ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
              VpcEndpointType: Gateway
              RouteTableIds: [!Ref Table]
        """
    made = on(tmp_path, "vpc-endpoints", template__yaml=template)
    written = text(made, "template.yaml")
    assert written.count("AWS::EC2::VPCEndpoint") == 2
    assert "ServiceName: !Sub com.amazonaws.${AWS::Region}.dynamodb" in written


def test_alarms_are_added_for_what_none_watches(tmp_path: Path) -> None:
    made = on(tmp_path, "alarms", template__yaml=CLOUDFORMATION)
    assert set(only(made).improvement.resources) == {"Api", "Flow"}
    assert "AlarmActions:\n        - !Ref Topic" in text(made, "template.yaml")


def test_a_mail_goes_to_the_parameter_that_alarms_are_sent_to(tmp_path: Path) -> None:
    made = on(tmp_path, "cost-anomaly-detection", template__yaml=CLOUDFORMATION)
    assert "Address: !Ref AlertEmail" in text(made, "template.yaml")
    assert "ThresholdExpression" in text(made, "template.yaml")


def test_sam_keeps_the_alias_of_a_function_ready_where_its_author_writes_it(tmp_path: Path) -> None:
    made = on(tmp_path, "provisioned-concurrency", template__yaml=SAM)
    assert "ProvisionedConcurrencyConfig:\n        ProvisionedConcurrentExecutions: 1" in text(
        made, "template.yaml"
    )


def test_without_an_alarm_nothing_takes_a_bad_version_back(tmp_path: Path) -> None:
    alarm = CLOUDFORMATION[CLOUDFORMATION.index("  ReaderErrors:") : CLOUDFORMATION.index("  Api:\n")]
    found = only(on(tmp_path, "canary-deployment", template__yaml=CLOUDFORMATION.replace(alarm, "")))
    assert not found.edits
    assert "alarm" in found.improvement.steps[0]


def test_a_workflow_retries_errors_of_services_and_not_of_code(tmp_path: Path) -> None:
    made = on(tmp_path, "retry-and-circuit-breaker", template__yaml=CLOUDFORMATION)
    written = text(made, "template.yaml")
    assert "- Lambda.TooManyRequestsException" in written
    assert "- ECS.ThrottlingException" in written
    assert "States.ALL" not in written


def test_a_secret_is_made_and_its_value_left_to_people(tmp_path: Path) -> None:
    made = on(tmp_path, "secrets-manager", template__yaml=CLOUDFORMATION)
    assert only(made).improvement.title == "Keep PARTNER_API_KEY in Secrets Manager"
    assert "SecretString" not in text(made, "template.yaml")


def test_a_small_model_is_left_alone(tmp_path: Path) -> None:
    template = """
        Resources:
          Agent:
            Type: AWS::Bedrock::Agent
            Properties: {AgentName: helper, FoundationModel: MODEL}
        """
    small = template.replace("MODEL", "anthropic.claude-haiku-4-5-20251001-v1:0")
    assert on(tmp_path, "model-choice", template__yaml=small).found == []
    large = template.replace("MODEL", "anthropic.claude-sonnet-4-5-20250929-v1:0")
    assert "Haiku" in only(on(tmp_path, "model-choice", template__yaml=large)).improvement.why


def test_metrics_that_code_writes_are_recognised(tmp_path: Path) -> None:
    counted = CLOUDFORMATION.replace(
        "import boto3\n", "import boto3\n\n          cloudwatch = boto3.client('cloudwatch')\n", 1
    ).replace(
        "rates = json.load(answer)",
        "rates = json.load(answer)\n                  cloudwatch.put_metric_data(Namespace='shop', MetricData=[])",
    )
    assert only(on(tmp_path, "custom-metrics", template__yaml=counted)).improvement.done
