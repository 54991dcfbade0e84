"""Amazon VPC: what security groups and network ACLs let through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Rule
from stackworthy.core.value import ABSENT, Map
from stackworthy.rules._forms import items, says_nothing
from stackworthy.rules._ingress import ANYWHERE, openings

_GROUPS = Kinds(("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"))
_GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide/"
_REFERENCES = (f"{_GUIDE}vpc-security-groups.html",)

DATABASES = {
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    6379: "Redis",
    9200: "OpenSearch",
    9092: "Kafka",
    11211: "Memcached",
    27017: "MongoDB",
}
"""Ports on which data is kept, with the names that people know."""


def _group(ports: str) -> str:
    return f"""
        Door:
          Type: AWS::EC2::SecurityGroup
          Properties:
            GroupDescription: the door
            SecurityGroupIngress: [{{IpProtocol: tcp, {ports}, CidrIp: 0.0.0.0/0, Description: all}}]
    """


class _OpenPort(Rule):
    """A rule about one port that is open to everybody; all ports open is another rule's."""

    on = _GROUPS
    pillar = Pillar.SECURITY
    references = _REFERENCES
    port: ClassVar[int]

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at each range of ports that anybody may reach."""
        for opening in openings(subject):
            if opening.includes(self.port) and not opening.is_everything:
                yield subject.finding(opening.range_path)


class SshOpenToEverybody(_OpenPort):
    """Machines on the internet try passwords and stolen keys on every open SSH port, all day long.

    Session Manager and EC2 Instance Connect give a shell without any open port.
    """

    port = 22
    severity = Severity.HIGH
    message = "any address may try to log in over SSH: the security group lets everybody in"
    equivalents = ("CKV_AWS_24", "AVD-AWS-0107", "aws-ec2-no-public-ingress-sgr", "EC2.13", "W2")
    bad = _group("FromPort: 22, ToPort: 22")
    good = bad.replace("0.0.0.0/0", "10.0.0.0/8")


class RemoteDesktopOpenToEverybody(_OpenPort):
    """Machines on the internet try passwords and known holes on every open remote desktop port, all day long.

    Session Manager forwards the port without opening it.
    """

    port = 3389
    severity = Severity.HIGH
    message = "any address may try to log in over remote desktop: the security group lets everybody in"
    equivalents = ("CKV_AWS_25", "AVD-AWS-0107", "aws-ec2-no-public-ingress-sgr", "EC2.14", "W2")
    bad = _group("FromPort: 3389, ToPort: 3389")
    good = bad.replace("0.0.0.0/0", "10.0.0.0/8")


class PlainHttpOpenToEverybody(_OpenPort):
    """Port 80 is open to everybody: right for a load balancer that redirects to HTTPS, wrong for anything behind it."""

    port = 80
    severity = Severity.LOW
    profile = STRICT
    message = "any address may ask over plain HTTP: the security group lets everybody in"
    equivalents = ("CKV_AWS_260",)
    bad = _group("FromPort: 80, ToPort: 80")
    good = _group("FromPort: 443, ToPort: 443")


class DatabaseOpenToEverybody(Rule):
    """A database is no service for strangers: its port should be open to the functions and services that use it.

    A security group may name another one in place of addresses.
    """

    on = _GROUPS
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = (
        "any address may try to log in to {database} on port {port}: the security group lets everybody in"
    )
    references = _REFERENCES
    equivalents = ("AVD-AWS-0107", "aws-ec2-no-public-ingress-sgr", "EC2.19", "W2")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at each range of ports that anybody may reach."""
        for opening in openings(subject):
            if opening.is_everything:
                continue
            for port, database in DATABASES.items():
                if opening.includes(port):
                    yield subject.finding(opening.range_path, database=database, port=port)
                    break

    bad = _group("FromPort: 5432, ToPort: 5432")
    good = bad.replace("CidrIp: 0.0.0.0/0", "SourceSecurityGroupId: sg-1")


class EveryPortOpenToEverybody(Rule):
    """A security group that lets everybody in on every port is none."""

    on = _GROUPS
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "any address may reach every port: the security group lets everybody in"
    references = _REFERENCES
    equivalents = (
        "CKV_AWS_277",
        "CKV_AWS_24",
        "CKV_AWS_25",
        "CKV_AWS_260",
        "AVD-AWS-0107",
        "aws-ec2-no-public-ingress-sgr",
        "EC2.18",
        "W2",
    )

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for a range of all ports."""
        for opening in openings(subject):
            if opening.is_everything:
                yield subject.finding(opening.range_path)

    bad = _group("FromPort: 0, ToPort: 65535")
    good = _group("FromPort: 443, ToPort: 443")


class EgressToEverywhere(Rule):
    """What got into a function or container can send what it finds anywhere: no rule says where it may connect to.

    A security group without rules for what leaves allows everything.
    """

    on = Kinds(("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "what runs here may connect to anywhere, on every port"
    references = _REFERENCES
    equivalents = ("CKV_AWS_382", "AVD-AWS-0104", "aws-ec2-no-public-egress-sgr", "W5", "W40")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for all ports to everywhere, stated or by default."""
        if subject.kind == "AWS::EC2::SecurityGroupEgress":
            names = ("IpProtocol", "FromPort", "CidrIp", "CidrIpv6")
            if _is_all_egress(Map({name: subject[name] for name in names})):
                yield subject.finding("IpProtocol")
            return
        if subject["SecurityGroupEgress"] is ABSENT:
            if not subject.graph.of("AWS::EC2::SecurityGroupEgress"):
                yield subject.finding("SecurityGroupEgress")
            return
        for path, entry in items(subject, "SecurityGroupEgress"):
            if _is_all_egress(entry):
                yield subject.finding(f"{path}.IpProtocol")

    bad = _group("FromPort: 443, ToPort: 443")
    good = bad.replace(
        "GroupDescription",
        "SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]\n            GroupDescription",
    )


def _is_all_egress(entry: Map) -> bool:
    """Whether a rule lets out everything to everywhere; raises `NotKnown`."""
    if entry["CidrIp"] not in ANYWHERE and entry["CidrIpv6"] not in ANYWHERE:
        return False
    return bool(entry["IpProtocol"] == "-1") or bool(entry["FromPort"] == -1)


class OpeningUnexplained(Rule):
    """In a year nobody knows whether an opening is still needed, and for whom, unless its description says so."""

    on = Kinds(("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"))
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nothing says what this opening is for: it has no description"
    references = _REFERENCES
    equivalents = (
        "CKV_AWS_23",
        "AVD-AWS-0124",
        "aws-ec2-add-description-to-security-group-rule",
        "W36",
        "F1000",
    )

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at the description of each rule."""
        if subject.kind != "AWS::EC2::SecurityGroup":
            if says_nothing(subject["Description"]):
                yield subject.finding("Description")
            return
        for name in ("SecurityGroupIngress", "SecurityGroupEgress"):
            for path, entry in items(subject, name):
                if says_nothing(entry["Description"]):
                    yield subject.finding(f"{path}.Description")

    bad = _group("FromPort: 443, ToPort: 443").replace(", Description: all", "")
    good = _group("FromPort: 443, ToPort: 443")


class NetworkAclOpensAdministration(Rule):
    """A network ACL that lets everybody reach SSH or remote desktop leaves all to the security groups behind it."""

    on = "AWS::EC2::NetworkAclEntry"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "any address may reach port {port} as far as this network ACL is asked"
    references = (f"{_GUIDE}vpc-network-acls.html",)
    equivalents = (
        "CKV_AWS_229",
        "CKV_AWS_230",
        "CKV_AWS_231",
        "CKV_AWS_232",
        "AVD-AWS-0105",
        "aws-ec2-no-public-ingress-acl",
        "EC2.21",
    )

    def check(self, entry: Resource) -> Iterable[Finding]:
        """Look at what may come in from everywhere."""
        if entry["Egress"] or entry["RuleAction"] != "allow" or entry["Protocol"] not in (6, -1):
            return
        if entry["CidrBlock"] not in ANYWHERE and entry["Ipv6CidrBlock"] not in ANYWHERE:
            return
        if entry["Protocol"] == -1 or entry["PortRange"] is ABSENT:
            yield entry.finding("RuleAction", port="22")
            return
        for port in (20, 21, 22, 3389):
            if entry["PortRange.From"] <= port <= entry["PortRange.To"]:
                yield entry.finding("RuleAction", port=port)
                return

    bad = """
        Login:
          Type: AWS::EC2::NetworkAclEntry
          Properties:
            NetworkAclId: acl-1
            RuleNumber: 100
            Protocol: 6
            RuleAction: allow
            CidrBlock: 0.0.0.0/0
            PortRange: {From: 22, To: 22}
    """
    good = bad.replace("22", "443")


class NetworkAclOpensEveryPort(Rule):
    """A network ACL that lets everything in keeps nothing out."""

    on = "AWS::EC2::NetworkAclEntry"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "every port may be reached as far as this network ACL is asked"
    references = (f"{_GUIDE}vpc-network-acls.html",)
    equivalents = ("CKV_AWS_352", "AVD-AWS-0102", "aws-ec2-no-excessive-port-access", "W66", "W67")

    def check(self, entry: Resource) -> Iterable[Finding]:
        """Look for all protocols or ports that may come in."""
        if entry["Egress"] or entry["RuleAction"] != "allow":
            return
        whole = entry["PortRange.From"] is not ABSENT and (
            entry["PortRange.From"] <= 0 and entry["PortRange.To"] >= 65_535
        )
        if entry["Protocol"] == -1 or whole:
            yield entry.finding("Protocol")

    bad = NetworkAclOpensAdministration.bad.replace("Protocol: 6", "Protocol: -1")
    good = NetworkAclOpensAdministration.good


RULES = (
    SshOpenToEverybody(),
    RemoteDesktopOpenToEverybody(),
    PlainHttpOpenToEverybody(),
    DatabaseOpenToEverybody(),
    EveryPortOpenToEverybody(),
    EgressToEverywhere(),
    OpeningUnexplained(),
    NetworkAclOpensAdministration(),
    NetworkAclOpensEveryPort(),
)
