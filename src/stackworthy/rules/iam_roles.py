"""AWS IAM: roles that too many share, and permissions to write to what belongs to others."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.grants import wide_statements
from stackworthy.aws.names import TOPIC
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Kinds, Rule
from stackworthy.core.value import show
from stackworthy.rules._mending import ByHand

_LEAST = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
MANY = 10
_PUBLISH = ("sns:publish", "sns:publishbatch", "sns:publish*", "sns:pub*")


class RoleOfManyFunctions(ByHand):
    """A role that many functions share may do what any of them needs: each can then do it all.

    One flaw in the least of them opens the data of the others, and nobody dares to take a permission away. Each function
    with a role of its own needs a few lines.
    """

    on = "AWS::IAM::Role"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "{count} functions share this role: each may do what any of them needs"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html", _LEAST)
    steps = (
        "give each function a role of its own, with the permissions that its code needs",
        "keep the shared role until no function uses it, then delete it",
    )

    def check(self, role: Resource) -> Iterable[Finding]:
        """Count the functions; the role that a framework makes for all of a service is the framework's choice."""
        if role.made_by:
            return
        users = {
            edge.source.address
            for edge in role.graph.edges_to(role, "assumes")
            if edge.source.kind == "AWS::Lambda::Function"
        }
        if len(users) >= MANY:
            yield role.finding("", count=len(users))

    bad = """
        Shared: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
    """ + "".join(
        f"""
        Fn{number}: {{Type: AWS::Lambda::Function, Properties: {{Role: !GetAtt Shared.Arn}}}}"""
        for number in range(MANY)
    )
    good = bad.replace("Fn0: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Shared.Arn}}", "")


class EveryTopicWritable(ByHand):
    """Permission to publish on every resource lets a flaw here write to the topics of every other team, and send text messages.

    Only messages to telephone numbers need it: those name no topic.
    """

    on = Kinds(("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = (
        "this may publish to every topic of the account, and send text messages: {action} on every resource"
    )
    references = ("https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html", _LEAST)
    equivalents = ("CKV_AWS_111", "CKV_AWS_290", "CKV_AWS_355", "CKV_AWS_356", "W11", "W12", "W13")
    steps = ("name the ARNs of the topics as Resource",)

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look at statements on every resource, in stacks that have a topic to name."""
        if not any(_is_written_to(topic) for topic in identity.graph.of(*TOPIC)):
            return
        for statement in wide_statements(identity):
            for action in statement.actions:
                if show(action).lower() in _PUBLISH:
                    yield identity.finding(statement.path, action=show(action))
                    return

    bad = """
        Told: {Type: AWS::SNS::Topic, Properties: {DisplayName: Told}}
        Tell:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}]}
            Policies:
              - PolicyName: tell
                PolicyDocument: {Statement: [{Effect: Allow, Action: 'sns:Publish', Resource: '*'}]}
    """
    good = bad.replace("Resource: '*'", "Resource: !Ref Told")


def _is_written_to(topic: Resource) -> bool:
    """Whether a topic may be what the code writes to: one that alarms tell is theirs."""
    tellers = [edge.source.kind for edge in topic.graph.edges_to(topic, "refers to")]
    return "AWS::CloudWatch::Alarm" not in tellers


RULES: tuple[Rule, ...] = (RoleOfManyFunctions(), EveryTopicWritable())
