"""Amazon VPC and EC2: how traffic reaches AWS services, what it costs, and how machines are set up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.aws.arns import resolve
from stackworthy.capabilities.vpc_endpoints import endpoint
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, PropertyRule, Rule
from stackworthy.core.value import ABSENT, is_stated, references, show
from stackworthy.rules._forms import items
from stackworthy.rules._reading import expression_of, named, service_of_endpoint, settled

_ZONE = re.compile(r"\d+|[a-f]$")
"""What tells the zones of one Region apart: the letter of a name, or the place in a list of them."""

_GUIDE = "https://docs.aws.amazon.com/vpc/latest/"
_EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/"
_NAT = "AWS::EC2::NatGateway"
_VPC = frozenset({"AWS::EC2::VPC"})
_SUBNET = frozenset({"AWS::EC2::Subnet"})
_FREE = ("s3", "dynamodb")

_NETWORK = """
        Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.0.0.0/24}}
        Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Public, AllocationId: eipalloc-1}}
        Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
    """
_GATEWAY = """
        Files:
          Type: AWS::EC2::VPCEndpoint
          Properties: {VpcId: !Ref Net, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.s3'}
    """
_TABLES = """
        Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
    """


class _NatWithoutEndpoint(Rule):
    """A rule about a service that could be reached without the NAT gateway, for nothing."""

    on = _NAT
    pillar, severity = Pillar.COST, Severity.MEDIUM
    references = (
        f"{_GUIDE}privatelink/gateway-endpoints.html",
        f"{_GUIDE}userguide/vpc-nat-gateway.html",
    )
    fix_safety = Unsafe(
        "connections that are open break once, and policies that ask for the gateway's address see other ones"
    )

    def check(self, gateway: Resource) -> Iterable[Finding]:
        """Look for a gateway endpoint in the VPC of the NAT gateway."""
        vpc = _vpc_of(gateway)
        if not vpc or not self.is_asked(gateway.graph):
            return
        if (self.service, "Gateway") not in _endpoints(vpc) and gateway is _first_gateway(vpc):
            yield gateway.finding("SubnetId", also=[vpc.place("", "has no gateway endpoint")], vpc=vpc.name)

    def fix(self, finding: Finding) -> Fix | None:
        """Add the endpoint to the route tables that do not lead to the internet."""
        vpc = _vpc_of(finding.resource)
        added = endpoint(vpc, self.service) if vpc else None
        return self.offer(added) if added is not None else None

    def is_asked(self, graph: Graph) -> bool:
        """Whether something in the stack speaks to the service."""
        raise NotImplementedError

    service = ""


class NatInFrontOfBuckets(_NatWithoutEndpoint):
    """What goes to S3 through a NAT gateway is billed per gigabyte; a gateway endpoint takes it there for nothing.

    Images of containers and files of functions come from S3 too. The endpoint is a route: nothing else changes.
    """

    service = "s3"
    message = "every gigabyte to and from S3 is billed by the NAT gateway: {vpc} has no gateway endpoint for S3, which is free"

    def is_asked(self, graph: Graph) -> bool:
        """S3 is asked where there are buckets, or containers whose images lie in it."""
        return bool(graph.of("AWS::S3::Bucket", "AWS::ECS::TaskDefinition", "AWS::ECR::Repository"))

    bad = (
        _NETWORK
        + """
        Pages: {Type: AWS::S3::Bucket}
    """
    )
    good = bad + _GATEWAY


class NatInFrontOfTables(_NatWithoutEndpoint):
    """What goes to DynamoDB through a NAT gateway is billed per gigabyte; a gateway endpoint takes it there for nothing."""

    service = "dynamodb"
    message = "every gigabyte to and from DynamoDB is billed by the NAT gateway: {vpc} has no gateway endpoint for DynamoDB, which is free"

    def is_asked(self, graph: Graph) -> bool:
        """DynamoDB is asked where there are tables."""
        return bool(graph.of("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"))

    bad = _NETWORK + _TABLES
    good = bad + _GATEWAY.replace(".s3'", ".dynamodb'")


class InterfaceEndpointWhereGatewayIsFree(Rule):
    """An interface endpoint for S3 or DynamoDB is billed per hour, zone and gigabyte; the gateway endpoint costs nothing.

    Only what comes from outside the VPC, by VPN or from another Region, needs the interface.
    """

    on = "AWS::EC2::VPCEndpoint"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "the interface endpoint for {service} is billed per hour, zone and gigabyte: a gateway endpoint is free"
    references = (f"{_GUIDE}privatelink/gateway-endpoints.html",)

    def check(self, endpoint: Resource) -> Iterable[Finding]:
        """Look for an interface in a VPC that has no gateway for the same service."""
        service = service_of_endpoint(endpoint["ServiceName"])
        if endpoint["VpcEndpointType"] != "Interface" or service not in _FREE:
            return
        vpc = named(endpoint, endpoint["VpcId"], _VPC)
        if vpc and (service, "Gateway") in _endpoints(vpc):
            return
        yield endpoint.finding("VpcEndpointType", service=service)

    bad = _NETWORK + _GATEWAY.replace(".s3'", ".s3', VpcEndpointType: Interface")
    good = bad.replace("Interface", "Gateway")


class EndpointSharedByNobody(Rule):
    """An interface endpoint costs about seven dollars a month in each zone, whether or not anything asks through it."""

    on = "AWS::EC2::VPCEndpoint"
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    confidence = Confidence.LOW
    message = "the endpoint is billed per hour, and nothing in this stack runs in its VPC"
    references = (f"{_GUIDE}privatelink/create-interface-endpoint.html",)

    def check(self, endpoint: Resource) -> Iterable[Finding]:
        """Look for anything that runs in subnets."""
        if endpoint["VpcEndpointType"] == "Interface" and not any(_runs_in_subnets(endpoint.graph)):
            yield endpoint.finding("VpcEndpointType")

    bad = _NETWORK + _GATEWAY.replace(".s3'", ".sqs', VpcEndpointType: Interface")
    good = (
        bad
        + """
        Fn: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SubnetIds: [!Ref Public], SecurityGroupIds: [sg-1]}}}
    """
    )


class OneNatForSeveralZones(Rule):
    """When the zone of the one NAT gateway fails, what runs in the other zones cannot reach the internet either.

    A gateway in each zone costs as much again. A regional NAT gateway spans zones by itself.
    """

    on = _NAT
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "subnets of {vpc} in {count} zones depend on the zone of this one NAT gateway"
    references = (f"{_GUIDE}userguide/nat-gateway-basics.html",)

    def check(self, gateway: Resource) -> Iterable[Finding]:
        """Count the gateways and the subnets of a VPC."""
        vpc = _vpc_of(gateway)
        if not vpc or gateway["AvailabilityMode"] == "regional" or len(list(_gateways(vpc))) > 1:
            return
        zones = {
            expression_of(subnet.stated("AvailabilityZone"))
            for subnet in vpc.graph.of("AWS::EC2::Subnet")
            if subnet.stated("AvailabilityZone") is not ABSENT and named(subnet, subnet["VpcId"], _VPC) is vpc
        }
        if len({_ZONE.sub("", zone) for zone in zones}) == 1 and len(zones) > 1:
            yield gateway.finding("SubnetId", count=len(zones), vpc=vpc.name)

    bad = (
        _NETWORK.replace("10.0.0.0/24}", "10.0.0.0/24, AvailabilityZone: eu-west-1a}")
        + """
        Other:
          Type: AWS::EC2::Subnet
          Properties: {VpcId: !Ref Net, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1b}
    """
    )
    good = (
        bad
        + """
        Second: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Other, AllocationId: eipalloc-2}}
    """
    )


class FlowLogsOff(Rule):
    """After an attack nobody can say what spoke to what: the VPC keeps no record of its traffic."""

    on = "AWS::EC2::VPC"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "the traffic of the VPC leaves no trace: flow logs are off"
    references = (f"{_GUIDE}userguide/flow-logs.html",)
    equivalents = (
        "CKV2_AWS_11",
        "AVD-AWS-0178",
        "aws-ec2-require-vpc-flow-logs-for-all-vpcs",
        "EC2.6",
        "W60",
    )

    def check(self, vpc: Resource) -> Iterable[Finding]:
        """Look for a flow log of the VPC."""
        for log in vpc.graph.of("AWS::EC2::FlowLog"):
            if resolve(vpc.graph, log["ResourceId"], _VPC) is vpc:
                return
        yield vpc.finding("")

    bad = """
        Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    """
    good = (
        bad
        + """
        Traffic:
          Type: AWS::EC2::FlowLog
          Properties: {ResourceId: !Ref Net, ResourceType: VPC, TrafficType: REJECT, LogDestination: 'arn:aws:s3:::logs'}
    """
    )


class SubnetGivesPublicAddresses(PropertyRule):
    """Whatever is started in the subnet gets a public address, asked for or not."""

    on, property, expected = "AWS::EC2::Subnet", "MapPublicIpOnLaunch", False
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "whatever starts in this subnet gets a public address"
    references = (f"{_GUIDE}userguide/subnet-public-ip.html",)
    equivalents = ("CKV_AWS_130", "AVD-AWS-0164", "aws-ec2-no-public-ip-subnet", "EC2.15", "W33")
    fix_safety = Unsafe(
        "what starts anew without a public address cannot reach the internet without a NAT gateway"
    )
    bad = "Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: true}}"
    good = bad.replace("true", "false")


class InstanceMetadataWithoutTokens(Rule):
    """A page that can be tricked into fetching an address hands out the credentials of the machine that it runs on.

    Version 2 of the metadata service asks for a token that such a request cannot get.
    """

    on = Kinds(("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "a tricked program on this machine can hand out its credentials: the metadata service asks for no token"
    references = (f"{_EC2}configuring-instance-metadata-service.html",)
    equivalents = (
        "CKV_AWS_79",
        "AVD-AWS-0028",
        "aws-ec2-enforce-http-token-imds",
        "AVD-AWS-0130",
        "aws-ec2-enforce-launch-config-http-token-imds",
        "EC2.8",
        "EC2.170",
    )
    fix_safety = Unsafe("programs with an SDK of before 2019 no longer get credentials")

    def check(self, machine: Resource) -> Iterable[Finding]:
        """Ask whether tokens are required, here or in the launch template."""
        inside = "LaunchTemplateData." if machine.kind == "AWS::EC2::LaunchTemplate" else ""
        if machine.kind == "AWS::EC2::Instance" and is_stated(machine["LaunchTemplate"]):
            return
        if machine[f"{inside}MetadataOptions.HttpEndpoint"] == "disabled":
            return
        if machine[f"{inside}MetadataOptions.HttpTokens"] != "required":
            yield machine.finding(f"{inside}MetadataOptions.HttpTokens")

    def fix(self, finding: Finding) -> Fix | None:
        """Require tokens."""
        return self.offer(finding.resource.set(finding.property, "required"))

    bad = "Machine: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}"
    good = bad.replace("ami-1", "ami-1, MetadataOptions: {HttpTokens: required}")


class MetadataReachesContainers(Rule):
    """Containers on the machine can ask for the credentials of the machine itself: tokens may travel further than one hop."""

    on = Kinds(("AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "containers can take the machine's credentials: tokens travel {hops} hops"
    references = (f"{_EC2}configuring-instance-metadata-options.html",)
    equivalents = ("CKV_AWS_341", "AutoScaling.4")

    def check(self, template: Resource) -> Iterable[Finding]:
        """Compare the number of hops with one."""
        inside = "LaunchTemplateData." if template.kind == "AWS::EC2::LaunchTemplate" else ""
        path = f"{inside}MetadataOptions.HttpPutResponseHopLimit"
        if template[path] > 1:
            yield template.finding(path, hops=template[path])

    bad = "Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {MetadataOptions: {HttpPutResponseHopLimit: 2}}}}"
    good = bad.replace("2}", "1}")


class InstanceHasPublicAddress(Rule):
    """The machine can be reached from the internet, as far as its security groups let anybody in."""

    on = Kinds(("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the machine gets a public address"
    references = (f"{_EC2}using-instance-addressing.html",)
    equivalents = ("CKV_AWS_88", "EC2.9", "EC2.25")

    def check(self, machine: Resource) -> Iterable[Finding]:
        """Look at the network interfaces."""
        inside = "LaunchTemplateData." if machine.kind == "AWS::EC2::LaunchTemplate" else ""
        for path, interface in items(machine, f"{inside}NetworkInterfaces"):
            if interface["AssociatePublicIpAddress"] is not ABSENT and interface["AssociatePublicIpAddress"]:
                yield machine.finding(f"{path}.AssociatePublicIpAddress")

    bad = "Machine: {Type: AWS::EC2::Instance, Properties: {NetworkInterfaces: [{DeviceIndex: '0', AssociatePublicIpAddress: true}]}}"
    good = bad.replace("true", "false")


class VolumeUnencrypted(PropertyRule):
    """What the machine writes lies unencrypted on the volume and in its snapshots, which can be shared by one call.

    Encryption with EBS's own key costs nothing and needs no change of the machine.
    """

    on, property, expected = "AWS::EC2::Volume", "Encrypted", True
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "the volume and its snapshots are unencrypted"
    references = ("https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",)
    equivalents = ("CKV_AWS_3", "AVD-AWS-0026", "aws-ec2-enable-volume-encryption", "EC2.3", "F1")
    fix_safety = Unsafe("the volume is made anew, empty: copy its data by a snapshot first")
    bad = "Data: {Type: AWS::EC2::Volume, Properties: {AvailabilityZone: eu-west-1a, Size: 20}}"
    good = bad.replace("20}", "20, Encrypted: true}")


class VolumeOfOldGeneration(Rule):
    """The newer gp3 volume costs a fifth less than gp2 for the same size, and is as fast or faster."""

    on = "AWS::EC2::Volume"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "gp3 costs a fifth less than {type} and gives 3,000 operations a second at any size"
    references = ("https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html",)
    fix_safety = SAFE

    def check(self, volume: Resource) -> Iterable[Finding]:
        """Look at the type; a volume above a terabyte may have more operations as gp2."""
        size = volume["Size"]
        if volume["VolumeType"] == "gp2" and size is not ABSENT and size <= 1000:
            yield volume.finding("VolumeType", type="gp2")

    def fix(self, finding: Finding) -> Fix | None:
        """Use gp3: EBS changes it while it is in use."""
        return self.offer(finding.resource.set("VolumeType", "gp3"))

    bad = "Data: {Type: AWS::EC2::Volume, Properties: {AvailabilityZone: eu-west-1a, Size: 20, Encrypted: true}}"
    good = bad.replace("20,", "20, VolumeType: gp3,")


class AddressUnused(Rule):
    """A public address that nothing uses is billed by the hour like one in use."""

    on = "AWS::EC2::EIP"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "the address is billed by the hour, and nothing in this stack uses it"
    references = (f"{_EC2}elastic-ip-addresses-eip.html",)
    equivalents = ("CKV2_AWS_19", "EC2.12")
    confidence = Confidence.MEDIUM

    def check(self, address: Resource) -> Iterable[Finding]:
        """Look for what it is bound to, and for who names it; an output may hand it to another stack."""
        if is_stated(address["InstanceId"]) or is_stated(address["TransferAddress"]):
            return
        if not address.graph.edges_to(address, "refers to"):
            yield address.finding("")

    bad = "Address: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}"
    good = """
        Address: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
        Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: subnet-1, AllocationId: !GetAtt Address.AllocationId}}
    """


class EndpointServiceAcceptsAnybody(PropertyRule):
    """Whoever is allowed to find the service may connect to it without being asked."""

    on, property, expected = "AWS::EC2::VPCEndpointService", "AcceptanceRequired", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "connections to the service are accepted without anybody looking at them"
    references = (f"{_GUIDE}privatelink/configure-endpoint-service.html",)
    equivalents = ("CKV_AWS_123",)
    fix_safety = Unsafe("somebody must accept each new connection")
    bad = "Service: {Type: AWS::EC2::VPCEndpointService, Properties: {AcceptanceRequired: false, NetworkLoadBalancerArns: ['arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/a/1']}}"
    good = bad.replace("false", "true")


class TransitGatewayAcceptsAnybody(PropertyRule):
    """Every account that the gateway is shared with may attach its network without being asked."""

    on, property, expected = "AWS::EC2::TransitGateway", "AutoAcceptSharedAttachments", "disable"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "networks of other accounts are attached without anybody looking at them"
    references = (f"{_GUIDE}tgw/tgw-transit-gateways.html",)
    equivalents = ("CKV_AWS_331", "EC2.23")
    fix_safety = Unsafe("somebody must accept each new attachment")
    bad = "Hub: {Type: AWS::EC2::TransitGateway, Properties: {AutoAcceptSharedAttachments: enable}}"
    good = bad.replace("enable", "disable")


def _vpc_of(gateway: Resource) -> Resource | None:
    """The VPC of this stack in which a NAT gateway stands; raises `NotKnown`."""
    if gateway["ConnectivityType"] == "private":
        return None
    if is_stated(gateway["VpcId"]):
        return named(gateway, gateway["VpcId"], _VPC)
    subnet = named(gateway, gateway["SubnetId"], _SUBNET)
    return named(subnet, subnet["VpcId"], _VPC) if subnet else None


def _gateways(vpc: Resource) -> Iterator[Resource]:
    return (gateway for gateway in vpc.graph.of(_NAT) if _vpc_of(gateway) is vpc)


def _first_gateway(vpc: Resource) -> Resource | None:
    return next(_gateways(vpc), None)


def _endpoints(vpc: Resource) -> set[tuple[str, str]]:
    """The service and type of each endpoint of a VPC; raises `NotKnown`."""
    return {
        (service_of_endpoint(endpoint["ServiceName"]), show(settled(endpoint["VpcEndpointType"])))
        for endpoint in vpc.graph.of("AWS::EC2::VPCEndpoint")
        if named(endpoint, endpoint["VpcId"], _VPC) is vpc
    }


def _runs_in_subnets(graph: Graph) -> Iterator[bool]:
    for resource in graph:
        if resource.kind in (
            "AWS::EC2::VPCEndpoint",
            "AWS::EC2::NatGateway",
            "AWS::EC2::SubnetRouteTableAssociation",
        ):
            continue
        for value in resource.all_properties().values():
            for reference in references(value):
                other = graph.get(reference.address)
                yield bool(other and other.kind == "AWS::EC2::Subnet")


RULES = (
    NatInFrontOfBuckets(),
    NatInFrontOfTables(),
    InterfaceEndpointWhereGatewayIsFree(),
    EndpointSharedByNobody(),
    OneNatForSeveralZones(),
    FlowLogsOff(),
    SubnetGivesPublicAddresses(),
    InstanceMetadataWithoutTokens(),
    MetadataReachesContainers(),
    InstanceHasPublicAddress(),
    VolumeUnencrypted(),
    VolumeOfOldGeneration(),
    AddressUnused(),
    EndpointServiceAcceptsAnybody(),
    TransitGatewayAcceptsAnybody(),
)
