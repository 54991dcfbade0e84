"""Small stacks that plans are made of, written into a folder."""

from __future__ import annotations

from pathlib import Path

from stackworthy.config import load
from stackworthy.plan import Asked, Plan, plan

TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Images:
    Type: AWS::ECR::Repository
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      Code: {S3Bucket: code, S3Key: app.zip}
      Role: !GetAtt Role.Arn
      MemorySize: 512
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
"""

WORKLOAD = """\
[workload]
Worker = "3000000/month"
"""


def written(folder: Path, template: str = TEMPLATE, settings: str = "") -> Path:
    """The folder with a template and settings in it."""
    (folder / "template.yaml").write_text(template, encoding="utf-8")
    if settings:
        (folder / "stackworthy.toml").write_text(settings, encoding="utf-8")
    return folder


def planned(folder: Path, asked: Asked | None = None) -> Plan:
    """The plan of a folder."""
    return plan(folder, load(folder, root=str(folder)), asked)
