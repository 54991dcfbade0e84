import textwrap

import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

FUNCTION = """
Fn:
  Type: AWS::Serverless::Function
  Properties:
    Handler: a.b
    Runtime: python3.13
    CodeUri: s3://b/k
    Events:
      Get: {Type: Api, Properties: {Path: '/items/{id}', Method: get, RestApiId: !Ref Api}}
      Any: {Type: Api, Properties: {Path: /all, Method: ANY, RestApiId: !Ref Api}}
"""
BODY = """
DefinitionBody:
  swagger: '2.0'
  info: {title: t, version: '1'}
  paths:
    /a:
      get: {x-amazon-apigateway-integration: {type: mock}, responses: {'200': {description: ok}}}
      parameters: [{name: p, in: query}]
    /b/:
      x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: {uri: u}, security: [{Mine: []}]}
"""
OPENAPI = """
DefinitionBody:
  openapi: 3.0.1
  info: {title: t, version: '1'}
  paths:
    /a: {get: {x-amazon-apigateway-integration: {type: mock}, responses: {'200': {description: ok}}}}
"""

LIKE_AWS = {
    "with nothing but a stage": "",
    "with what is passed on": """
        Name: n
        Description: d
        FailOnWarnings: true
        Mode: merge
        ApiKeySourceType: HEADER
        Policy: {Version: '2012-10-17'}
        SecurityPolicy: TLS_1_2
        EndpointAccessMode: STRICT
        MinimumCompressionSize: 0
    """,
    "with the settings of its stage": """
        CacheClusterEnabled: true
        CacheClusterSize: '0.5'
        Variables: {a: b}
        MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', LoggingLevel: INFO}]
        AccessLogSetting: {DestinationArn: arn, Format: f}
        CanarySetting: {PercentTraffic: 10}
        TracingEnabled: true
        Tags: {team: a, cost: b, owner: c, env: null}
        PropagateTags: true
    """,
    "with binary types": "BinaryMediaTypes: [image~1png, '*/*']",
    "that is regional": "EndpointConfiguration: REGIONAL",
    "that is private": "EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [vpce-1], IpAddressType: dualstack}",
    "without its default endpoint": "DisableExecuteApiEndpoint: true",
    "without its default endpoint, in OpenAPI 3": OPENAPI + "DisableExecuteApiEndpoint: true",
    "in OpenAPI 3": "OpenApiVersion: 3.0.1",
    "in OpenAPI 3 with CORS, models and authorizers": """
        OpenApiVersion: 3.0.1
        Cors: "'*'"
        Models: {User: {type: object}}
        Auth: {DefaultAuthorizer: Pool, Authorizers: {Pool: {UserPoolArn: arn}}}
    """,
    "with a definition": BODY,
    "with a definition in OpenAPI 3 and CORS": OPENAPI + "Cors: \"'a.com'\"",
    "with a definition in a bucket": "DefinitionUri: s3://b/k.yaml?versionId=1",
    "with a definition in a named place": "DefinitionUri: {Bucket: b, Key: k}",
    "with a definition that a macro fills in": "DefinitionBody: {Fn::Transform: {Name: AWS::Include}}",
    "with responses of the gateway": """
        GatewayResponses:
          UNAUTHORIZED: {StatusCode: 401, ResponseParameters: {Headers: {A: "'b'"}, Paths: {P: q}}}
          DEFAULT_5XX: {ResponseTemplates: {application/json: '{}'}}
    """,
    "with a custom domain": "Domain: {DomainName: a.com, CertificateArn: arn}",
    "always deployed anew under a domain with records": """
        Domain:
          DomainName: a.com
          CertificateArn: arn
          EndpointConfiguration: EDGE
          BasePath: [a, /b-c/]
          Route53: {HostedZoneId: z, IpV6: true, EvaluateTargetHealth: true}
    """,
    "with CORS": "Cors: \"'*'\"",
    "with every CORS setting": """
        Cors: {AllowOrigin: "'a.com'", AllowHeaders: "'x'", MaxAge: 600, AllowCredentials: true}
    """,
    "with methods that CORS allows": "Cors: {AllowOrigin: !Ref Origin, AllowMethods: \"'GET'\"}",
    "with CORS on a definition": BODY + "Cors: \"'*'\"",
    "with events merged into a definition": BODY + "MergeDefinitions: true",
}


def with_api(properties, others=FUNCTION):
    lines = textwrap.indent(textwrap.dedent(properties), "    ")
    text = "Api:\n  Type: AWS::Serverless::Api\n  Properties:\n    StageName: prod\n" + lines
    return text + others


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_an_api_becomes_what_aws_makes_of_it(properties, same_as_aws):
    same_as_aws(with_api(properties, "" if "DefinitionUri" in properties else FUNCTION))


@pytest.mark.parametrize("stage", ["!Ref Stage", "v1", "'my-stage'", "!Sub '${AWS::StackName}'"])
def test_the_stage_is_named_as_aws_names_it(stage, same_as_aws):
    same_as_aws(with_api("").replace("StageName: prod", f"StageName: {stage}"))


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_other_partitions_have_regional_apis(region, same_as_aws):
    expansion = same_as_aws(with_api(""), region=region)
    assert expansion.resources["Api"]["Properties"]["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_attributes_go_to_the_api_and_what_belongs_to_it(same_as_aws):
    attributes = "Condition: C\n  DeletionPolicy: Retain\n  DependsOn: Fn\n  Metadata: {a: b}\n  Properties:"
    resources = textwrap.indent(with_api("").replace("Properties:", attributes, 1), "  ")
    same_as_aws("Conditions: {C: !Equals [a, a]}\nResources:\n" + resources)


def test_many_paths_come_out_in_the_order_of_python_2_7(same_as_aws):
    events = {
        f"E{number}": {
            "Type": "Api",
            "Properties": {"Path": f"/p{number}", "Method": "get", "RestApiId": "Api"},
        }
        for number in range(40)
    }
    function = FUNCTION[: FUNCTION.index("Events:")] + f"Events: {events}\n"
    same_as_aws(with_api("Cors: \"'*'\"", function.replace("'", '"')))


def test_settings_for_every_api_come_from_globals(same_as_aws):
    settings = """
        Globals:
          Api:
            TracingEnabled: true
            Cors: "'*'"
            Auth: {ApiKeyRequired: true}
            GatewayResponses: {DEFAULT_4XX: {StatusCode: '400'}}
        Resources:
    """
    same_as_aws(textwrap.dedent(settings) + textwrap.indent(with_api(""), "  "))


def test_an_api_that_is_always_deployed_gets_an_id_that_stays_the_same(template_of):
    template = template_of(with_api("AlwaysDeploy: true"))
    assert expand(template, {}).resources.keys() == expand(template, {}).resources.keys()


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ("DefinitionUri: nowhere", "DefinitionUri"),
        ("DefinitionUri: {Bucket: b}", "DefinitionUri"),
        ("DefinitionUri: s3://b/k\nDefinitionBody: {swagger: '2.0', paths: {}}", "DefinitionUri"),
        ("DefinitionUri: s3://b/k\nMergeDefinitions: true", "MergeDefinitions"),
        ("DefinitionUri: s3://b/k\nCors: \"'*'\"", "Cors"),
        ("OpenApiVersion: '1'", "OpenApiVersion"),
        ("Auth: {Foo: bar}", "Auth"),
        (
            "EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [a], VpcEndpointIds: [a]}",
            "EndpointConfiguration",
        ),
    ],
)
def test_what_aws_refuses_is_a_problem(properties, name, template_of):
    expansion = expand(template_of(with_api(properties, "")), {})
    assert "Api" not in expansion.resources
    assert [route[:4] for route, _ in expansion.problems] == [("Resources", "Api", "Properties", name)]


def test_an_api_without_a_stage_is_refused(refused_by_both):
    refused_by_both("Api: {Type: AWS::Serverless::Api}", "Resources", "Api", "Properties", "StageName")


def test_origins_lead_to_what_the_author_wrote(same_as_aws):
    made = same_as_aws(with_api("Description: d")).made
    assert made["Api"].by == "Api"
    assert made["Api"].route == ("Resources", "Api")
    assert made["Api"].properties["Description"] == ("Properties", "Description")
    assert made["ApiprodStage"].properties["TracingEnabled"] == ("Properties", "TracingEnabled")
