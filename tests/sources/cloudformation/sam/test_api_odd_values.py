import copy

import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

TEMPLATE = """
Globals: {Api: {Auth: {ApiKeyRequired: true}}, HttpApi: {Tags: {a: b}}}
Conditions: {C: !Equals [a, a]}
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Condition: C
    Properties:
      StageName: prod
      Cors: {AllowOrigin: "'a'", AllowHeaders: "'b'", MaxAge: 5}
      Auth:
        DefaultAuthorizer: Pool
        Authorizers:
          Pool: {UserPoolArn: arn, AuthorizationScopes: [a]}
          Fn: {FunctionArn: arn, FunctionPayloadType: REQUEST, Identity: {Headers: [A], ReauthorizeEvery: 5}}
        ResourcePolicy: {IpRangeWhitelist: [a], SourceVpcBlacklist: [vpc-1], CustomStatements: [{Action: a}]}
        UsagePlan: {CreateUsagePlan: SHARED, Quota: {Limit: 5}}
      GatewayResponses: {DEFAULT_4XX: {StatusCode: 400, ResponseParameters: {Headers: {a: b}}}}
      Models: {User: {type: object}}
      BinaryMediaTypes: [a~1b]
      EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [a]}
      Domain: {DomainName: a, CertificateArn: b, BasePath: [c], Route53: {HostedZoneId: d, IpV6: true}}
      DisableExecuteApiEndpoint: true
      OpenApiVersion: 3.0.1
      Tags: {a: b}
      PropagateTags: true
  Written:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: "'*'"
      MergeDefinitions: true
      Auth: {DefaultAuthorizer: AWS_IAM}
      DefinitionBody:
        openapi: 3.0.1
        paths: {/a: {get: {x-amazon-apigateway-integration: {uri: u}, security: [{a: []}], parameters: [{name: a}]}}}
        components: {securitySchemes: {a: {type: apiKey}}}
        servers: [{url: a}]
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: [a], MaxAge: 5}
      Auth:
        EnableIamAuthorizer: true
        DefaultAuthorizer: Jwt
        Authorizers: {Jwt: {JwtConfiguration: {issuer: a}, IdentitySource: b}}
      RouteSettings: {GET /b: {ThrottlingRateLimit: 5}}
      Domain: {DomainName: a, CertificateArn: b, BasePath: c, MutualTlsAuthentication: {TruststoreUri: d}}
      StageName: v1
      Tags: {a: b}
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: a
      Routes: {$connect: {FunctionArn: arn, IntegrationTimeout: 5}}
      Auth: {AuthType: CUSTOM, AuthArn: arn}
  Graph:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      Auth: {Type: AWS_LAMBDA, LambdaAuthorizer: {AuthorizerUri: arn}, Additional: [{Type: AWS_IAM}]}
      SchemaInline: s
      Logging: {FieldLogLevel: ALL}
      DataSources: {DynamoDb: {T: {TableName: t, Permissions: [Read]}}, Lambda: {L: {FunctionArn: arn}}}
      Functions: {f: {DataSource: T, InlineCode: c, Runtime: {Name: a, Version: b}, Sync: {ConflictDetection: d}}}
      Resolvers: {Query: {q: {Pipeline: [f], Caching: {Ttl: 5}}}}
      ApiKeys: {k: {ExpiresOn: 5}}
      Cache: {Type: a}
      DomainName: {DomainName: a}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: a}
      Role: arn
      Events: {Start: {Type: Api, Properties: {Path: /m, Method: post, Auth: {ApiKeyRequired: true}}}}
  Fn:
    Type: AWS::Serverless::Function
    Condition: C
    Properties:
      Handler: a.b
      Runtime: python3.13
      InlineCode: c
      FunctionName: n
      PropagateTags: true
      Tags: {a: b}
      Events:
        A:
          Type: Api
          Properties:
            Path: /a/{b}
            Method: get
            RestApiId: !Ref Rest
            Auth: {Authorizer: Pool, AuthorizationScopes: [a], ApiKeyRequired: true, ResourcePolicy: {IpRangeWhitelist: [a]}}
            RequestModel: {Model: User, ValidateBody: true}
            RequestParameters: [method.request.header.A, {method.request.path.b: {Required: true}}]
            TimeoutInMillis: 5
        B: {Type: HttpApi, Properties: {Path: /b, Method: get, ApiId: !Ref Http, RouteSettings: {a: b}, Auth: {Authorizer: Jwt}}}
        C: {Type: Api, Properties: {Path: /c, Method: any}}
        D: {Type: HttpApi, Properties: {TimeoutInMillis: 5}}
        E: {Type: Api, Properties: {Path: /e, Method: put, RestApiId: !Ref Written, Auth: {ApiKeyRequired: true, OverrideApiAuth: true}}}
"""
ODD = [None, 5, "text", [None, 5, {}], {5: None, None: []}, {"Fn::If": "C"}]


def places(value, way=()):
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*way, key))


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_value_anywhere_raises_nothing_and_changes_nothing(odd, template_of):
    base = template_of(TEMPLATE)
    for way in places(base):
        if not way:
            continue
        template = copy.deepcopy(base)
        holder = template
        for key in way[:-1]:
            holder = holder[key]
        holder[way[-1]] = copy.deepcopy(odd)
        given = copy.deepcopy(template)
        expand(template, {})
        assert template == given, way


def test_the_template_of_this_test_has_no_problem_of_its_own(template_of):
    problems = expand(template_of(TEMPLATE), {}).problems
    assert problems == []
