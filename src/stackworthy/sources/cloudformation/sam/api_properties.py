"""Which property of a SAM API becomes which property of the resources that are made from it, and what shapes SAM accepts.

`API_TABLES[sam_kind][made_kind]` leads from the path on the made resource to the path on the SAM resource (below `Properties`), as
`properties.TABLES` does for the other kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .expansion import Route

WEBSOCKET = "AWS::Serverless::WebSocketApi"
GRAPHQL = "AWS::Serverless::GraphQLApi"


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


def _below(prefix: str, names: str) -> dict[str, str]:
    return {name: f"{prefix}.{name}" for name in names.split()}


_ACCESS_LOG = {"AccessLogSettings": "AccessLogSettings"}
_RECORDS = {"RecordSets": "Domain.Route53", **_below("Domain.Route53", "HostedZoneId HostedZoneName")}
_DOMAIN_V2 = {
    "DomainName": "Domain.DomainName",
    "DomainNameConfigurations": "Domain",
    "DomainNameConfigurations.0.CertificateArn": "Domain.CertificateArn",
    "DomainNameConfigurations.0.EndpointType": "Domain.EndpointConfiguration",
    "DomainNameConfigurations.0.SecurityPolicy": "Domain.SecurityPolicy",
    "MutualTlsAuthentication": "Domain.MutualTlsAuthentication",
}
_MAPPING_V2 = {"ApiMappingKey": "Domain.BasePath", "DomainName": "Domain.DomainName"}
_STAGE_V2 = _same("StageName StageVariables DefaultRouteSettings RouteSettings Tags") | _ACCESS_LOG
_REST_DOMAIN = _below(
    "Domain", "DomainName MutualTlsAuthentication SecurityPolicy EndpointAccessMode CertificateArn Policy"
)

API_TABLES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "AWS::Serverless::Api": {
        "AWS::ApiGateway::RestApi": _same(
            "Name Description BinaryMediaTypes MinimumCompressionSize FailOnWarnings Mode ApiKeySourceType Policy "
            "SecurityPolicy EndpointAccessMode Tags"
        )
        | {
            "Body": "DefinitionBody",
            "BodyS3Location": "DefinitionUri",
            "EndpointConfiguration": "EndpointConfiguration",
            "EndpointConfiguration.Types": "EndpointConfiguration.Type",
            "EndpointConfiguration.VpcEndpointIds": "EndpointConfiguration.VPCEndpointIds",
            "Parameters.endpointConfigurationTypes": "EndpointConfiguration.Type",
        },
        "AWS::ApiGateway::Stage": _same(
            "StageName CacheClusterEnabled CacheClusterSize Variables MethodSettings AccessLogSetting CanarySetting "
            "TracingEnabled Tags"
        ),
        "AWS::ApiGateway::DomainName": _REST_DOMAIN | {"RegionalCertificateArn": "Domain.CertificateArn"},
        "AWS::ApiGateway::DomainNameV2": _REST_DOMAIN,
        "AWS::ApiGateway::BasePathMapping": {"BasePath": "Domain.BasePath"},
        "AWS::ApiGateway::BasePathMappingV2": {"BasePath": "Domain.BasePath"},
        "AWS::ApiGateway::DomainNameAccessAssociation": {
            "AccessAssociationSource": "Domain.AccessAssociation.VpcEndpointId"
        },
        "AWS::Route53::RecordSetGroup": _RECORDS,
        "AWS::ApiGateway::UsagePlan": _below(
            "Auth.UsagePlan", "Description Quota Tags Throttle UsagePlanName"
        ),
        "AWS::ApiGateway::ApiKey": {"": "Auth.UsagePlan"},
        "AWS::ApiGateway::UsagePlanKey": {"": "Auth.UsagePlan"},
        "AWS::Lambda::Permission": {"FunctionName": "Auth.Authorizers"},
    },
    "AWS::Serverless::HttpApi": {
        "AWS::ApiGatewayV2::Api": {
            "Body": "DefinitionBody",
            "Body.x-amazon-apigateway-cors": "CorsConfiguration",
            "Body.x-amazon-apigateway-cors.allowOrigins": "CorsConfiguration.AllowOrigins",
            "Body.x-amazon-apigateway-cors.allowCredentials": "CorsConfiguration.AllowCredentials",
            "BodyS3Location": "DefinitionUri",
            "FailOnWarnings": "FailOnWarnings",
        },
        "AWS::ApiGatewayV2::Stage": _STAGE_V2,
        "AWS::ApiGatewayV2::DomainName": _DOMAIN_V2,
        "AWS::ApiGatewayV2::ApiMapping": _MAPPING_V2,
        "AWS::Route53::RecordSetGroup": _RECORDS,
        "AWS::Lambda::Permission": {"FunctionName": "Auth.Authorizers"},
    },
    WEBSOCKET: {
        "AWS::ApiGatewayV2::Api": _same(
            "ApiKeySelectionExpression Description DisableExecuteApiEndpoint DisableSchemaValidation IpAddressType Name "
            "RouteSelectionExpression Tags"
        ),
        "AWS::ApiGatewayV2::Stage": _STAGE_V2,
        "AWS::ApiGatewayV2::DomainName": _DOMAIN_V2,
        "AWS::ApiGatewayV2::ApiMapping": _MAPPING_V2,
        "AWS::ApiGatewayV2::Authorizer": {
            "AuthorizerCredentialsArn": "Auth.InvokeRole",
            "AuthorizerUri": "Auth.AuthArn",
            "IdentitySource": "Auth.IdentitySource",
            "Name": "Auth.Name",
        },
        "AWS::Route53::RecordSetGroup": _RECORDS,
        "AWS::Lambda::Permission": {"FunctionName": "Auth.AuthArn"},
    },
    GRAPHQL: {
        "AWS::AppSync::GraphQLApi": _same(
            "Name Tags XrayEnabled Visibility OwnerContact IntrospectionConfig QueryDepthLimit ResolverCountLimit"
        )
        | {
            "AuthenticationType": "Auth.Type",
            "AdditionalAuthenticationProviders": "Auth.Additional",
            "LambdaAuthorizerConfig": "Auth.LambdaAuthorizer",
            "OpenIDConnectConfig": "Auth.OpenIDConnect",
            "UserPoolConfig": "Auth.UserPool",
            "LogConfig": "Logging",
        },
        "AWS::AppSync::GraphQLSchema": {"Definition": "SchemaInline", "DefinitionS3Location": "SchemaUri"},
        "AWS::AppSync::ApiCache": _below(
            "Cache", "ApiCachingBehavior Type Ttl AtRestEncryptionEnabled TransitEncryptionEnabled"
        ),
        "AWS::AppSync::DomainName": _below("DomainName", "CertificateArn DomainName Description"),
        "AWS::IAM::Role": {"": "Logging"},
    },
}
"""SAM kind -> made kind -> path on the made resource ("" for all of it) -> path on the SAM resource, below `Properties`."""


@cache
def api_property_routes(sam_kind: str, made_kind: str) -> Mapping[str, Route]:
    """`Made.properties` for a resource made from a SAM API itself."""
    table = API_TABLES.get(sam_kind, {}).get(made_kind, {})
    return {made: ("Properties", *own.split(".")) for made, own in table.items()}


def _shapes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        shape, names = line.strip().split(": ")
        for name in names.split():
            found[name.rstrip("!")] = shape + ("!" if name.endswith("!") else "")
    return found


REST_SHAPES = _shapes("""
    text or map: Name StageName! DefinitionUri EndpointConfiguration Cors Policy
    map: Tags DefinitionBody Variables Auth GatewayResponses AccessLogSetting CanarySetting Models Domain
    flag: PropagateTags MergeDefinitions CacheClusterEnabled TracingEnabled FailOnWarnings DisableExecuteApiEndpoint AlwaysDeploy
    any: OpenApiVersion
    text: CacheClusterSize Description Mode ApiKeySourceType SecurityPolicy EndpointAccessMode
    list: MethodSettings BinaryMediaTypes
    number: MinimumCompressionSize
""")

HTTP_SHAPES = _shapes("""
    any: Name
    text or map: StageName DefinitionUri
    map: Tags DefinitionBody StageVariables AccessLogSettings DefaultRouteSettings Auth RouteSettings Domain
    flag: PropagateTags FailOnWarnings DisableExecuteApiEndpoint
    flag or map: CorsConfiguration
    text: Description
""")

WEBSOCKET_SHAPES = _shapes("""
    text: ApiKeySelectionExpression Description IpAddressType Name RouteSelectionExpression!
    text or map: StageName
    map: AccessLogSettings Auth DefaultRouteSettings Domain Routes! RouteSettings StageVariables Tags
    flag: DisableExecuteApiEndpoint DisableSchemaValidation FailOnWarnings PropagateTags
""")

GRAPHQL_SHAPES = _shapes("""
    any: Name XrayEnabled SchemaInline SchemaUri Visibility OwnerContact IntrospectionConfig QueryDepthLimit ResolverCountLimit
    map: Tags Auth! DataSources Functions Resolvers ApiKeys DomainName Cache
    flag or map: Logging
""")

REST_EVENT_SHAPES = _shapes("""
    text: Path! Method! RestApiId! Stage ResponseTransferMode
    map: Auth RequestModel
    list: RequestParameters
    number: TimeoutInMillis
""")

HTTP_EVENT_SHAPES = _shapes("""
    text: Path! Method! ApiId! Stage PayloadFormatVersion
    map: Auth RouteSettings
    number: TimeoutInMillis
""")

MACHINE_EVENT_SHAPES = _shapes("""
    text: Path! Method! RestApiId! Stage
    map: Auth
    flag: UnescapeMappingTemplate
""")
"""What shape each property must have (see `shapes`); required ones end in "!"."""
