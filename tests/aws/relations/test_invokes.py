"""`invokes`: who calls whom."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines, only

from stackworthy.core.value import OpenList

FN = "Fn: {Type: AWS::Lambda::Function}\n"
INVOCATION = '!Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"'


def test_a_method_invokes_the_function_of_its_integration() -> None:
    graph = graph_of(
        FN
        + f"""
Api: {{Type: AWS::ApiGateway::RestApi}}
Get:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref Api
    ResourceId: !GetAtt Api.RootResourceId
    HttpMethod: GET
    Integration: {{Type: AWS_PROXY, IntegrationHttpMethod: POST, TimeoutInMillis: 5000, Uri: {INVOCATION}}}
"""
    )
    edge = only(graph, "invokes")
    assert (edge.source.address, edge.target.address, edge.by) == ("Get", "Fn", "integration")
    assert edge["Integration.TimeoutInMillis"] == 5000
    assert edge.details["path"] == "Integration.Uri"


@pytest.mark.parametrize("uri", ["!GetAtt Fn.Arn", INVOCATION])
def test_a_route_invokes_the_function_of_its_integration(uri: str) -> None:
    graph = graph_of(
        FN
        + f"""
Api: {{Type: AWS::ApiGatewayV2::Api}}
Integration:
  Type: AWS::ApiGatewayV2::Integration
  Properties: {{ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: {uri}, TimeoutInMillis: 9000}}
Route:
  Type: AWS::ApiGatewayV2::Route
  Properties: {{ApiId: !Ref Api, RouteKey: GET /, Target: !Sub "integrations/${{Integration}}"}}
"""
    )
    edge = only(graph, "invokes")
    assert (edge.source.address, edge.target.address) == ("Route", "Fn")
    assert edge.resource is graph["Integration"]
    assert edge["TimeoutInMillis"] == 9000


def test_a_function_that_a_stage_variable_names_is_a_loose_end() -> None:
    graph = graph_of(
        FN
        + """
Api: {Type: AWS::ApiGateway::RestApi}
Get:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref Api
    HttpMethod: GET
    Integration:
      Type: AWS_PROXY
      Uri: arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:${stageVariables.fn}/invocations
"""
    )
    assert lines(graph, "invokes") == ["Get -> ? (integration: a stage variable names the function)"]


def test_integrations_that_call_no_service_give_nothing() -> None:
    graph = graph_of(
        FN
        + """
Api: {Type: AWS::ApiGateway::RestApi}
Mock: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, HttpMethod: GET, Integration: {Type: MOCK}}}
Http:
  Type: AWS::ApiGateway::Method
  Properties: {RestApiId: !Ref Api, HttpMethod: PUT, Integration: {Type: HTTP_PROXY, Uri: !Ref Where}}
"""
    )
    assert lines(graph, "invokes") == []


@pytest.mark.parametrize(
    ("integration", "relation", "expected"),
    [
        (
            """
      Uri: !Sub "arn:aws:apigateway:${AWS::Region}:states:action/StartExecution"
      RequestTemplates: {application/json: !Sub '{"stateMachineArn": "${Machine}"}'}
""",
            "invokes",
            ["Post -> Machine (integration)"],
        ),
        (
            """
      Uri: !Sub "arn:aws:apigateway:${AWS::Region}:sqs:path/${AWS::AccountId}/${Queue.QueueName}"
""",
            "writes",
            ["Post -> Queue (integration)"],
        ),
        (
            """
      Uri: "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem"
      RequestTemplates: {application/json: !Sub '{"TableName": "${Table}"}'}
""",
            "writes",
            ["Post -> Table (integration)"],
        ),
        (
            """
      Uri: "arn:aws:apigateway:eu-west-1:dynamodb:action/Query"
      RequestTemplates: {application/json: '{"TableName": "named"}'}
""",
            "reads",
            ["Post -> Named (integration)"],
        ),
        (
            """
      IntegrationHttpMethod: GET
      Uri: !Sub "arn:aws:apigateway:${AWS::Region}:s3:path/${Bucket}/{key}"
""",
            "reads",
            ["Post -> Bucket (integration)"],
        ),
    ],
)
def test_a_method_calls_services_without_a_function(
    integration: str, relation: str, expected: list[str]
) -> None:
    graph = graph_of(
        f"""
Api: {{Type: AWS::ApiGateway::RestApi}}
Machine: {{Type: AWS::StepFunctions::StateMachine, Properties: {{Definition: {{States: {{}}}}}}}}
Queue: {{Type: AWS::SQS::Queue}}
Table: {{Type: AWS::DynamoDB::Table}}
Named: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: named}}}}
Bucket: {{Type: AWS::S3::Bucket}}
Post:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref Api
    HttpMethod: POST
    Integration:
      Type: AWS
{integration}
"""
    )
    assert lines(graph, relation) == expected


def test_an_http_api_calls_services_by_subtype() -> None:
    graph = graph_of(
        """
Api: {Type: AWS::ApiGatewayV2::Api}
Queue: {Type: AWS::SQS::Queue}
Integration:
  Type: AWS::ApiGatewayV2::Integration
  Properties:
    ApiId: !Ref Api
    IntegrationType: AWS_PROXY
    IntegrationSubtype: SQS-SendMessage
    RequestParameters: {QueueUrl: !Ref Queue, MessageBody: $request.body}
Route:
  Type: AWS::ApiGatewayV2::Route
  Properties: {ApiId: !Ref Api, RouteKey: POST /, Target: !Join ["/", [integrations, !Ref Integration]]}
"""
    )
    assert lines(graph, "writes") == ["Route -> Queue (integration)"]
    assert only(graph, "writes").details["action"] == "SQS-SendMessage"
    assert lines(graph, "invokes") == []


def test_a_resolver_invokes_the_functions_of_its_data_sources() -> None:
    graph = graph_of(
        FN
        + """
Second: {Type: AWS::Lambda::Function}
Api: {Type: AWS::AppSync::GraphQLApi}
Source: {Type: AWS::AppSync::DataSource, Properties: {ApiId: !GetAtt Api.ApiId, Name: one, LambdaConfig: {LambdaFunctionArn: !GetAtt Fn.Arn}}}
Other: {Type: AWS::AppSync::DataSource, Properties: {ApiId: !GetAtt Api.ApiId, Name: two, LambdaConfig: {LambdaFunctionArn: !GetAtt Second.Arn}}}
Step: {Type: AWS::AppSync::FunctionConfiguration, Properties: {ApiId: !GetAtt Api.ApiId, DataSourceName: two}}
Unit: {Type: AWS::AppSync::Resolver, Properties: {ApiId: !GetAtt Api.ApiId, DataSourceName: !GetAtt Source.Name}}
Pipeline: {Type: AWS::AppSync::Resolver, Properties: {ApiId: !GetAtt Api.ApiId, Kind: PIPELINE, PipelineConfig: {Functions: [!GetAtt Step.FunctionId]}}}
"""
    )
    assert lines(graph, "invokes") == ["Pipeline -> Second (integration)", "Unit -> Fn (integration)"]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("U: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Fn}}", ["U -> Fn (function URL)"]),
        (
            "C: {Type: Custom::Thing, Properties: {ServiceToken: !GetAtt Fn.Arn}}",
            ["C -> Fn (custom resource)"],
        ),
        (
            "C: {Type: AWS::CloudFormation::CustomResource, Properties: {ServiceToken: !GetAtt Fn.Arn}}",
            ["C -> Fn (custom resource)"],
        ),
        (
            f"A: {{Type: AWS::ApiGateway::Authorizer, Properties: {{AuthorizerUri: {INVOCATION}}}}}",
            ["A -> Fn (authorizer)"],
        ),
        (
            """
S: {Type: AWS::SecretsManager::Secret}
R: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref S, RotationLambdaARN: !GetAtt Fn.Arn}}
""",
            ["S -> Fn (rotation)"],
        ),
        (
            """
Two: {Type: AWS::Lambda::Function}
C:
  Type: AWS::Lambda::EventInvokeConfig
  Properties: {FunctionName: !Ref Fn, DestinationConfig: {OnSuccess: {Destination: !GetAtt Two.Arn}}}
""",
            ["Fn -> Two (on-success destination)"],
        ),
        (
            """
V: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Fn}}
D:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      DefaultCacheBehavior: {LambdaFunctionAssociations: [{EventType: origin-request, LambdaFunctionARN: !Ref V}]}
""",
            ["D -> Fn (Lambda@Edge)"],
        ),
        (
            "P: {Type: AWS::Pipes::Pipe, Properties: {Source: a, Target: b, Enrichment: !GetAtt Fn.Arn}}",
            ["P -> Fn (enrichment)"],
        ),
        (
            """
B:
  Type: AWS::Bedrock::Agent
  Properties: {ActionGroups: [{ActionGroupName: a, ActionGroupExecutor: {Lambda: !GetAtt Fn.Arn}}]}
""",
            ["B -> Fn (action group)"],
        ),
        (
            """
F:
  Type: AWS::KinesisFirehose::DeliveryStream
  Properties:
    ExtendedS3DestinationConfiguration:
      ProcessingConfiguration:
        Processors:
        - Type: Lambda
          Parameters: [{ParameterName: LambdaArn, ParameterValue: !Sub "${Fn.Arn}:$LATEST"}]
""",
            ["F -> Fn (delivery stream processor)"],
        ),
    ],
)
def test_each_caller_states_its_function(stated: str, expected: list[str]) -> None:
    assert lines(graph_of(FN + stated), "invokes") == expected


MACHINE = """
Child: {Type: AWS::StepFunctions::StateMachine, Properties: {Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}}}
Task: {Type: AWS::ECS::TaskDefinition}
Table: {Type: AWS::DynamoDB::Table}
Queue: {Type: AWS::SQS::Queue}
Bucket: {Type: AWS::S3::Bucket}
Bus: {Type: AWS::Events::EventBus}
Machine:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    Definition:
      StartAt: Direct
      States:
        Direct: {Type: Task, Resource: !GetAtt Fn.Arn, TimeoutSeconds: 20, Retry: [{ErrorEquals: [States.ALL]}], Next: Each}
        Each:
          Type: Map
          MaxConcurrency: 3
          ItemReader: {Resource: "arn:aws:states:::s3:getObject", Parameters: {Bucket: !Ref Bucket}}
          ItemProcessor:
            StartAt: Nested
            States:
              Nested:
                Type: Task
                Resource: arn:aws:states:::states:startExecution.sync:2
                Parameters: {StateMachineArn: !Ref Child}
                Catch: [{ErrorEquals: [States.ALL], Next: X}]
                End: true
          Next: Both
        Both:
          Type: Parallel
          Branches:
          - StartAt: Run
            States: {Run: {Type: Task, Resource: "arn:aws:states:::ecs:runTask.waitForTaskToken", Parameters: {TaskDefinition: !Ref Task}}}
          - StartAt: Put
            States: {Put: {Type: Task, Resource: "arn:aws:states:::dynamodb:putItem", Parameters: {TableName: !Ref Table}}}
          Next: Send
        Send: {Type: Task, QueryLanguage: JSONata, Resource: "arn:aws:states:::sqs:sendMessage", Arguments: {QueueUrl: !Ref Queue}, Next: Put}
        Put: {Type: Task, Resource: "arn:aws:states:::events:putEvents", Parameters: {Entries: [{EventBusName: !Ref Bus}]}, Next: Sdk}
        Sdk: {Type: Task, Resource: !Sub "arn:${AWS::Partition}:states:::aws-sdk:dynamodb:query", Parameters: {TableName: !Ref Table}, End: true}
"""


def test_a_state_machine_calls_what_its_states_say() -> None:
    graph = graph_of(FN + MACHINE)
    assert lines(graph, "invokes") == [
        "Machine -> Child (state)",
        "Machine -> Fn (state)",
        "Machine -> Task (state)",
    ]
    assert lines(graph, "writes") == [
        "Machine -> Bus (state)",
        "Machine -> Queue (state)",
        "Machine -> Table (state)",
    ]
    assert lines(graph, "reads") == ["Machine -> Bucket (state)", "Machine -> Table (state)"]


def test_a_state_tells_how_it_retries_how_long_it_waits_and_how_many_run_at_once() -> None:
    graph = graph_of(FN + MACHINE)
    edges = {edge.target.address: edge.details for edge in graph.edges("invokes").all}
    assert edges["Fn"]["state"] == "Direct"
    assert edges["Fn"]["TimeoutSeconds"] == 20
    assert edges["Fn"]["Retry"][0]["ErrorEquals"] == ["States.ALL"]
    assert edges["Fn"]["path"] == "Definition.States.Direct"
    assert edges["Child"]["state"] == "Each.Nested"
    assert edges["Child"]["path"] == "Definition.States.Each.ItemProcessor.States.Nested"
    assert (edges["Child"]["action"], edges["Child"]["pattern"]) == ("states:startExecution", "sync")
    assert edges["Child"]["MaxConcurrency"] == 3
    assert "Catch" in edges["Child"]
    assert "Catch" not in edges["Fn"]
    assert edges["Task"]["pattern"] == "waitForTaskToken"


@pytest.mark.parametrize(
    "definition",
    [
        """
    DefinitionSubstitutions: {Arn: !GetAtt Fn.Arn}
    DefinitionString: '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Arn}", "End": true}}}'
""",
        """
    DefinitionSubstitutions: {Arn: !GetAtt Fn.Arn}
    Definition: {StartAt: A, States: {A: {Type: Task, Resource: "${Arn}", End: true}}}
""",
        """
    DefinitionString: !Sub '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Fn.Arn}", "End": true}}}'
""",
        """
    DefinitionString: !Sub |
      {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
       "Parameters": {"FunctionName": "${Fn}"}, "TimeoutSeconds": ${Seconds}}}}
""",
    ],
)
def test_a_definition_may_be_text_or_map_with_substitutions(definition: str) -> None:
    graph = graph_of(FN + f"Machine:\n  Type: AWS::StepFunctions::StateMachine\n  Properties:\n{definition}")
    assert lines(graph, "invokes") == ["Machine -> Fn (state)"]


def test_a_function_chosen_at_run_time_is_a_loose_end() -> None:
    graph = graph_of(
        FN
        + """
Machine:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    Definition:
      States:
        A: {Type: Task, Resource: "arn:aws:states:::lambda:invoke", Parameters: {FunctionName.$: $.name}}
        B: {Type: Task, Resource: "arn:aws:states:::lambda:invoke", Arguments: {FunctionName: "{% $name %}"}}
"""
    )
    assert [end.source for end in graph.edges("invokes").loose] == [graph["Machine"]] * 2
    assert isinstance(graph.edges_to(graph["Fn"], "invokes"), OpenList)


def test_a_definition_in_a_bucket_leaves_its_calls_open() -> None:
    graph = graph_of(
        FN
        + "Machine: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionS3Location: {Bucket: b, Key: k}}}"
    )
    assert isinstance(graph.edges_from(graph["Machine"], "invokes"), OpenList)
    assert graph.edges("writes").loose == []


def test_a_permission_to_invoke_a_function_is_taken_for_a_call() -> None:
    graph = graph_of(
        FN
        + """
Caller: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
Role:
  Type: AWS::IAM::Role
  Properties:
    Policies: [{PolicyDocument: {Statement: {Effect: Allow, Action: "lambda:InvokeFunction", Resource: !GetAtt Fn.Arn}}}]
"""
    )
    edge = only(graph, "invokes")
    assert (edge.source.address, edge.target.address, edge.by) == ("Caller", "Fn", "permission")


def test_a_schedule_may_call_a_service_directly() -> None:
    graph = graph_of(
        """
Queue: {Type: AWS::SQS::Queue}
S:
  Type: AWS::Scheduler::Schedule
  Properties:
    Target: {Arn: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", Input: !Sub '{"QueueUrl": "${Queue}", "MessageBody": "x"}'}
"""
    )
    assert lines(graph, "writes") == ["S -> Queue (schedule)"]


def test_routes_and_authorizers_in_an_openapi_document_count() -> None:
    text = (
        FN
        + """
Check: {Type: AWS::Lambda::Function}
Machine: {Type: AWS::StepFunctions::StateMachine, Properties: {Definition: {States: {}}}}
Api:
  Type: AWS::ApiGateway::RestApi
  Properties:
    Body:
      swagger: "2.0"
      paths:
        /users/{id}:
          get:
            security: [{Own: []}]
            x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: URI_OF_FN}
      securityDefinitions:
        Own:
          type: apiKey
          x-amazon-apigateway-authtype: custom
          x-amazon-apigateway-authorizer: {type: token, authorizerUri: URI_OF_CHECK}
Http:
  Type: AWS::ApiGatewayV2::Api
  Properties:
    Body:
      openapi: 3.0.1
      paths:
        /start:
          post:
            x-amazon-apigateway-integration:
              type: aws_proxy
              integrationSubtype: StepFunctions-StartExecution
              requestParameters: {StateMachineArn: !Ref Machine}
"""
    )
    text = text.replace("URI_OF_FN", INVOCATION).replace("URI_OF_CHECK", INVOCATION.replace("Fn.", "Check."))
    graph = graph_of(text)
    assert lines(graph, "invokes") == [
        "Api -> Check (authorizer)",
        "Api GET /users/{id} -> Fn (integration)",
        "Http POST /start -> Machine (integration)",
    ]
    assert lines(graph, "protects") == ["Check -> Api (authorizer)"]
    routes = {edge.target.address: edge.details.get("route") for edge in graph.edges("routes").all}
    assert routes["Api GET /users/{id}"] == "/users/{id}"


def test_an_arn_within_a_template_that_is_no_json_is_found() -> None:
    graph = graph_of(
        """
Api: {Type: AWS::ApiGateway::RestApi}
Machine: {Type: AWS::StepFunctions::StateMachine, Properties: {StateMachineName: orders, Definition: {States: {}}}}
Post:
  Type: AWS::ApiGateway::Method
  Properties:
    RestApiId: !Ref Api
    HttpMethod: POST
    Integration:
      Type: AWS
      Uri: "arn:aws:apigateway:eu-west-1:states:action/StartExecution"
      RequestTemplates:
        application/json: '#set($x = 1) {"stateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:orders"}'
"""
    )
    assert lines(graph, "invokes") == ["Post -> Machine (integration)"]
