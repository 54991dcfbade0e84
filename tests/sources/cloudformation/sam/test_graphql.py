import textwrap

import pytest

KEY = "Auth: {Type: API_KEY}\nSchemaInline: 'type Query { a: String }'"
SOURCES = """
DataSources:
  DynamoDb:
    Items: {TableName: !Ref Table, TableArn: !GetAtt Table.Arn}
    Named: {TableName: t, Name: n, Region: eu-west-1, UseCallerCredentials: true, Versioned: true, Permissions: [Read]}
    Owned: {TableName: t, TableArn: arn, ServiceRoleArn: arn:role, DeltaSync: {BaseTableTTL: 1, DeltaSyncTableName: d, DeltaSyncTableTTL: 2}}
  Lambda:
    Call: {FunctionArn: !GetAtt Fn.Arn, Description: d}
    Own: {FunctionArn: arn, ServiceRoleArn: arn:role}
"""
FUNCTIONS = """
Functions:
  get: {DataSource: Items, InlineCode: c, Runtime: {Name: APPSYNC_JS, Version: 1.0.0}, MaxBatchSize: 5}
  call: {DataSource: Call, CodeUri: s3://b/k, Name: n, Description: d, Runtime: {Name: APPSYNC_JS, Version: 1.0.0},
         Sync: {ConflictDetection: VERSION, ConflictHandler: null}}
  none: {DataSource: NONE, InlineCode: c, Runtime: {Name: APPSYNC_JS, Version: 1.0.0}}
  other: {DataSource: !GetAtt Other.Name, InlineCode: c, Runtime: {Name: APPSYNC_JS, Version: 1.0.0}}
  known: {Id: !GetAtt Known.FunctionId}
Resolvers:
  Query:
    item: {Pipeline: [get, none, known]}
    items: {FieldName: all, Pipeline: [call], InlineCode: c, Runtime: {Name: APPSYNC_JS, Version: 1.0.0},
            Caching: {Ttl: 5, CachingKeys: [a]}, MaxBatchSize: 2}
"""
LIKE_AWS = {
    "with a key": KEY,
    "with a schema elsewhere": "Auth: {Type: AWS_IAM}\nSchemaUri: s3://b/k",
    "with what is passed on": KEY
    + "\nName: n\nXrayEnabled: true\nVisibility: PRIVATE\nOwnerContact: a\nQueryDepthLimit: 5"
    "\nResolverCountLimit: 6\nIntrospectionConfig: DISABLED\nTags: {a: b, c: null}",
    "without logs": KEY + "\nLogging: false",
    "with logs": KEY + "\nLogging: true",
    "with logs of its own": KEY + "\nLogging: {CloudWatchLogsRoleArn: arn, ExcludeVerboseContent: true}",
    "with logs of errors": KEY + "\nLogging: {FieldLogLevel: ERROR}",
    "with a function that authorizes": """
        SchemaInline: s
        Auth: {Type: AWS_LAMBDA, LambdaAuthorizer: {AuthorizerUri: !GetAtt Check.Arn, AuthorizerResultTtlInSeconds: 5}}
    """,
    "with several ways of authorization": """
        SchemaInline: s
        Auth:
          Type: AMAZON_COGNITO_USER_POOLS
          UserPool: {UserPoolId: u, DefaultAction: ALLOW, AwsRegion: r}
          Additional:
            - {Type: AWS_IAM}
            - {Type: OPENID_CONNECT, OpenIDConnect: {Issuer: i, ClientId: null}}
            - {Type: AMAZON_COGNITO_USER_POOLS, UserPool: {UserPoolId: v, DefaultAction: DENY}}
            - {Type: AWS_LAMBDA, LambdaAuthorizer: {AuthorizerUri: arn}}
    """,
    "with keys, cache and domain": KEY
    + "\nApiKeys: {One: {}, Two: {Description: d, ExpiresOn: 5, ApiKeyId: i}}"
    + "\nCache: {ApiCachingBehavior: FULL_REQUEST_CACHING, Ttl: 5, Type: SMALL, AtRestEncryptionEnabled: true}"
    + "\nDomainName: {CertificateArn: arn, DomainName: a.com, Description: d}",
    "with data sources": KEY + SOURCES,
    "with functions and resolvers": KEY + SOURCES + FUNCTIONS,
}


def with_api(properties):
    inner = textwrap.indent(textwrap.dedent(properties), "    ")
    table = "\nTable: {Type: AWS::DynamoDB::Table, Properties: {}}"
    return "Api:\n  Type: AWS::Serverless::GraphQLApi\n  Properties:\n" + inner + table


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_an_api_becomes_what_aws_makes_of_it(properties, same_as_aws):
    same_as_aws(with_api(properties))


def test_attributes_go_to_every_part(same_as_aws):
    text = with_api(KEY + SOURCES + FUNCTIONS).replace(
        "Properties:", "DependsOn: Table\n  Condition: C\n  Properties:", 1
    )
    same_as_aws("Conditions: {C: !Equals [a, a]}\nResources:\n" + textwrap.indent(text, "  "))


def test_origins_lead_to_what_the_author_wrote(same_as_aws):
    made = same_as_aws(with_api(KEY + SOURCES + FUNCTIONS)).made
    place = ("Resources", "Api", "Properties")
    assert made["Api"].properties["AuthenticationType"] == ("Properties", "Auth", "Type")
    assert made["ApiItemsDynamoDBDataSource"].route == (*place, "DataSources", "DynamoDb", "Items")
    assert made["ApiItemsDynamoDBDataSourceToTableConnectorPolicy"].by == "Api"
    assert made["ApiQueryitem"].route == (*place, "Resolvers", "Query", "item")


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ("SchemaInline: s", ("Auth",)),
        ("Auth: {Type: API_KEY}", ()),
        (KEY + "\nSchemaUri: s3://b/k", ()),
        ("SchemaInline: s\nAuth: {Type: NOTHING}", ("Auth", "Type")),
        ("SchemaInline: s\nAuth: {Type: AWS_LAMBDA}", ("Auth", "LambdaAuthorizer")),
        (
            "SchemaInline: s\nAuth: {Type: API_KEY, UserPool: {UserPoolId: a}, OpenIDConnect: {Issuer: b}}",
            ("Auth",),
        ),
        (KEY + "\nFunctions: {f: {DataSource: x}}", ("Functions", "f")),
        (KEY + "\nFunctions: {f: {Id: a, Name: b}}", ("Functions", "f", "Id")),
        (KEY + "\nFunctions: {f: {DataSource: x, InlineCode: c, CodeUri: d}}", ("Functions", "f")),
        (
            KEY + "\nFunctions: {f: {DataSource: x, InlineCode: c, Runtime: {Name: a, Version: b}}}",
            ("Functions", "f", "DataSource"),
        ),
        (KEY + "\nResolvers: {Query: {a: {}}}", ("Resolvers", "Query", "a")),
        (KEY + "\nResolvers: {Query: {a: {Pipeline: [b]}}}", ("Resolvers", "Query", "a", "Pipeline", 0)),
    ],
)
def test_what_aws_refuses_is_a_problem(properties, place, refused_by_both):
    whole = ("Resources", "Api", "Properties")
    refused_by_both(with_api(properties), *whole, *place)
