"""NAT gateways: advice where nothing runs behind them all day, priced by what the bill is without them."""

from __future__ import annotations

from decimal import Decimal

from tests.plan.stacks import planned, written

from stackworthy.capabilities.nat_gateway import improvements
from stackworthy.config import load
from stackworthy.judge import graphs

TEMPLATE = """\
Resources:
  Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network, CidrBlock: 10.0.0.0/24}}
  Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network, CidrBlock: 10.0.1.0/24}}
  Address: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
  Gateway:
    Type: AWS::EC2::NatGateway
    Properties: {AllocationId: !GetAtt Address.AllocationId, SubnetId: !Ref Public}
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      Code: {S3Bucket: code, S3Key: app.zip}
      Role: arn:aws:iam::123456789012:role/worker
      VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [sg-1]}
"""


def graph_of(folder):
    return next(graph for _, _, graph in graphs(folder, load(folder, root=str(folder))))


def test_a_gateway_that_only_functions_use_may_go_with_its_address(tmp_path):
    found = improvements(graph_of(written(tmp_path, TEMPLATE)))
    assert [one.resources for one in found] == [("Gateway", "Address")]
    assert any("Worker" in step for step in found[0].steps)
    assert not found[0].changes


def test_a_gateway_behind_which_servers_run_all_day_stays(tmp_path):
    server = "  Server: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1, SubnetId: !Ref Private}}\n"
    assert improvements(graph_of(written(tmp_path, TEMPLATE + server))) == []


def test_a_gateway_without_a_known_address_stands_alone(tmp_path):
    template = TEMPLATE.replace("!GetAtt Address.AllocationId", "eipalloc-1")
    assert [one.resources for one in improvements(graph_of(written(tmp_path, template)))] == [("Gateway",)]


def test_the_plan_prices_the_bill_without_the_gateway(tmp_path):
    made = planned(written(tmp_path, TEMPLATE))
    gateway = made.get("template.yaml:nat-gateway")
    assert Decimal(gateway.cost.change) == Decimal("-36.50")
    assert gateway.cost.basis.startswith("the bill without the gateway")
    assert gateway.status == "needs testing"
