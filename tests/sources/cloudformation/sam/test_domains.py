import pytest

APIS = {
    "REST": "Type: AWS::Serverless::Api, Properties: {{StageName: prod, {domain}}}",
    "HTTP": "Type: AWS::Serverless::HttpApi, Properties: {{{domain}}}",
}
ROUTE53 = "Route53: {HostedZoneId: Z1, EvaluateTargetHealth: false, IpV6: true, Region: eu-west-1, SetIdentifier: x}"
NAMED_ZONE = "Route53: {HostedZoneName: a.com.}"
BOTH = {
    "plain": "",
    "with records": ROUTE53,
    "in a named zone": NAMED_ZONE,
    "with mutual TLS": "MutualTlsAuthentication: {TruststoreUri: s3://b/k, TruststoreVersion: v}",
    "with a policy": "SecurityPolicy: TLS_1_2, OwnershipVerificationCertificateArn: arn",
    "with a path": "BasePath: items",
    "with paths": "BasePath: [a-b, /c/]",
}
REST_ONLY = {
    "on the edge": f"EndpointConfiguration: EDGE, {ROUTE53}",
    "on the edge behind a distribution": "EndpointConfiguration: EDGE, Route53: {HostedZoneId: Z, DistributionDomainName: d}",
    "with addresses of both kinds": "IpAddressType: dualstack",
    "with paths as they are": "BasePath: [a-b], NormalizeBasePath: false",
    "with records of its own": "Route53: {HostedZoneId: Z1, SeparateRecordSetGroup: true}",
    "private": "EndpointConfiguration: PRIVATE, Policy: {Version: '2012-10-17'}, AccessAssociation: {VpcEndpointId: vpce-1}",
    "private with paths": "EndpointConfiguration: PRIVATE, BasePath: [a, b]",
    "private with records": (
        "EndpointConfiguration: PRIVATE, "
        "Route53: {HostedZoneId: Z1, VpcEndpointHostedZoneId: Z2, VpcEndpointDomainName: e.com}"
    ),
    "private with records of its own": (
        "EndpointConfiguration: PRIVATE, Route53: {HostedZoneId: Z1, SeparateRecordSetGroup: true}"
    ),
}
EVENT = """
Fn:
  Type: AWS::Serverless::Function
  Properties:
    Handler: a.b
    Runtime: python3.13
    CodeUri: s3://b/k
    Events: {Get: {Type: HttpApi, Properties: {Path: /a, Method: get}}}
"""


def api(kind, domain, name="Api", domain_name="a.com"):
    given = f"Domain: {{DomainName: {domain_name}, CertificateArn: arn{', ' + domain if domain else ''}}}"
    return f"{name}: {{{APIS[kind].format(domain=given)}}}\n"


@pytest.mark.parametrize("kind", APIS)
@pytest.mark.parametrize("domain", BOTH.values(), ids=BOTH.keys())
def test_a_domain_becomes_what_aws_makes_of_it(kind, domain, same_as_aws):
    same_as_aws(api(kind, domain) + EVENT)


@pytest.mark.parametrize("domain", REST_ONLY.values(), ids=REST_ONLY.keys())
def test_a_domain_of_a_rest_api_becomes_what_aws_makes_of_it(domain, same_as_aws):
    same_as_aws(api("REST", domain))


@pytest.mark.parametrize("kind", APIS)
def test_a_domain_may_come_from_intrinsics_and_parameters(kind, same_as_aws):
    template = "Parameters: {Name: {Type: String, Default: b.com}, Zone: {Type: String}}\nResources:\n  "
    domain = "Route53: {HostedZoneId: !Ref Zone}"
    same_as_aws(template + api(kind, domain, domain_name="!Ref Name") + EVENT.replace("\n", "\n  "))
    same_as_aws(template + api(kind, domain, domain_name="!Sub 'a.${Zone}'") + EVENT.replace("\n", "\n  "))


def test_apis_of_one_zone_share_a_group_of_records(same_as_aws):
    same_as_aws(
        api("REST", ROUTE53)
        + api("REST", ROUTE53, "Second", "b.com")
        + api("HTTP", ROUTE53, "Third", "c.com")
        + EVENT
    )


@pytest.mark.parametrize("kind", APIS)
@pytest.mark.parametrize(
    ("domain", "place"),
    [
        ("EndpointConfiguration: NOWHERE", "EndpointConfiguration"),
        ("Route53: {}", "Route53"),
        ("Route53: text", "Route53"),
        ("BasePath: [[a]]", "BasePath"),
        ("MutualTlsAuthentication: {Foo: bar}", "MutualTlsAuthentication"),
    ],
)
def test_a_faulty_domain_is_refused(kind, domain, place, refused_by_both):
    route = ("Resources", "Api", "Properties", "Domain", place)
    refused_by_both(api(kind, domain) + EVENT, *((*route, 0) if place == "BasePath" else route))


@pytest.mark.parametrize("kind", APIS)
def test_a_domain_needs_a_certificate(kind, refused_by_both):
    text = api(kind, "").replace(", CertificateArn: arn", "")
    refused_by_both(text + EVENT, "Resources", "Api", "Properties", "Domain", "CertificateArn")
