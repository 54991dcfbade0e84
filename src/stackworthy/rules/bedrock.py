"""Amazon Bedrock: which models may be called, and what guards and costs the calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.aws.grants import DOCUMENTS
from stackworthy.aws.statements import Statement, read_policy
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Rule
from stackworthy.core.value import Value, is_stated, show
from stackworthy.rules._forms import StatedRule, items
from stackworthy.rules._mending import ByHand
from stackworthy.rules._reading import names_something, settled

_AGENT = "AWS::Bedrock::Agent"
_GUIDE = "https://docs.aws.amazon.com/bedrock/latest/userguide/"
_DEAR = (
    "opus",
    "claude-3-opus",
    "llama3-1-405b",
    "nova-premier",
    "mistral-large",
    "gpt-5",
    "o1-",
    "command-r-plus",
)
_INVOKE = (
    "bedrock:invokemodel",
    "bedrock:invokemodelwithresponsestream",
    "bedrock:invokemodel*",
    "bedrock:invoke*",
)
_PLAIN = """
        Helper:
          Type: AWS::Bedrock::Agent
          Properties:
            AgentName: helper
            FoundationModel: amazon.nova-lite-v1:0
            GuardrailConfiguration: {GuardrailIdentifier: g1, GuardrailVersion: '1'}
    """


class AgentWithoutGuardrail(Rule):
    """Whatever users or documents talk the agent into, it says and does: no guardrail looks at what goes in and out."""

    on = _AGENT
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "nothing looks at what users ask and the agent answers: it has no guardrail"
    references = (f"{_GUIDE}agents-guardrail.html",)
    equivalents = ("CKV_AWS_383",)

    def check(self, agent: Resource) -> Iterable[Finding]:
        """Look for a guardrail."""
        if not is_stated(agent["GuardrailConfiguration"]):
            yield agent.finding("GuardrailConfiguration")

    bad = _PLAIN.replace(
        "GuardrailConfiguration: {GuardrailIdentifier: g1, GuardrailVersion: '1'}", "AutoPrepare: true"
    )
    good = _PLAIN


class AgentUnderSharedKey(StatedRule):
    """Some rules ask that an agent and its sessions are encrypted with a key of yours; they are encrypted in any case."""

    on, property = _AGENT, "CustomerEncryptionKeyArn"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the agent is encrypted with a key of AWS, not with one of yours"
    references = (f"{_GUIDE}encryption-agents-new.html",)
    equivalents = ("CKV_AWS_373",)
    bad = _PLAIN
    good = _PLAIN.replace(
        "AgentName:",
        "CustomerEncryptionKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1'\n            AgentName:",
    )


class GuardrailIsDraft(Rule):
    """The guardrail's working draft changes with every edit: what was tested is not what guards the agent."""

    on = _AGENT
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "the agent is guarded by a draft, which changes with every edit: name a version"
    references = (f"{_GUIDE}guardrails-deploy.html",)

    def check(self, agent: Resource) -> Iterable[Finding]:
        """Look for the draft."""
        version = agent["GuardrailConfiguration.GuardrailVersion"]
        if is_stated(version) and version == "DRAFT":
            yield agent.finding("GuardrailConfiguration.GuardrailVersion")

    bad = _PLAIN.replace("GuardrailVersion: '1'", "GuardrailVersion: DRAFT")
    good = _PLAIN


class AnyModelAllowed(ByHand):
    """Who may call every model may call the dearest, and those that nobody looked at.

    One line of code, or of a prompt that chooses the model, then costs a hundred times as much.
    """

    on = Kinds(("AWS::IAM::Role", *DOCUMENTS))
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "every model of the account may be called, the dearest included"
    references = (f"{_GUIDE}security_iam_id-based-policy-examples.html",)
    steps = (
        "list the models that the code calls, inference profiles included",
        "name their ARNs as Resource: arn:aws:bedrock:*::foundation-model/ID, and the profile's own",
    )

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look for the permission to call models, on all of them; a permission for all of Bedrock is another rule's."""
        for statement in _own(identity):
            if not statement.allows or statement.conditions or not statement.actions.any_of(_is_about_models):
                continue
            if statement.resources.any_of(_is_every_model):
                yield identity.finding(statement.path)
                return

    bad = """
        Models:
          Type: AWS::IAM::Policy
          Properties:
            PolicyName: models
            Roles: [ask]
            PolicyDocument: {Statement: [{Effect: Allow, Action: 'bedrock:InvokeModel', Resource: '*'}]}
    """
    good = bad.replace(
        "Resource: '*'", "Resource: 'arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0'"
    )


def _own(identity: Resource) -> Iterator[Statement]:
    """The statements that a role or policy states itself; raises `NotKnown` at the first that is not known."""
    if identity.kind in DOCUMENTS:
        yield from read_policy(identity["PolicyDocument"], identity, "PolicyDocument")
        return
    for path, policy in items(identity, "Policies"):
        yield from read_policy(policy["PolicyDocument"], identity, f"{path}.PolicyDocument")


def _is_about_models(action: Value) -> bool:
    return show(settled(action)).lower() in _INVOKE


def _is_every_model(resource: Value) -> bool:
    if names_something(resource):
        return False
    text = show(resource)
    return text == "*" or (text.startswith("arn:") and text.endswith(":foundation-model/*"))


class DearModel(Rule):
    """The largest models cost ten to a hundred times as much as small ones, which do for many tasks of an agent.

    Measure with your own questions: routing, extraction and short answers seldom need the largest.
    """

    on = _AGENT
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    confidence = Confidence.LOW
    message = "{model} is among the dearest models: a smaller one may do"
    references = (f"{_GUIDE}models-supported.html",)

    def check(self, agent: Resource) -> Iterable[Finding]:
        """Look at the name of the model."""
        model = agent["FoundationModel"]
        if is_stated(model) and any(name in show(model).lower() for name in _DEAR):
            yield agent.finding("FoundationModel", model=show(model))

    bad = _PLAIN.replace("amazon.nova-lite-v1:0", "anthropic.claude-3-opus-20240229-v1:0")
    good = _PLAIN


class PromptAttacksLetThrough(Rule):
    """Text that tells the model to forget its instructions passes the guardrail: it has no filter for prompt attacks."""

    on = "AWS::Bedrock::Guardrail"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = (
        "text that tells the model to forget its instructions passes: no filter looks for prompt attacks"
    )
    references = (f"{_GUIDE}guardrails-prompt-attack.html",)

    def check(self, guardrail: Resource) -> Iterable[Finding]:
        """Look for the filter, where contents are filtered."""
        path = "ContentPolicyConfig.FiltersConfig"
        if is_stated(guardrail[path]) and not guardrail[path].any_of(_stops_attacks):
            yield guardrail.finding(path)

    bad = """
        Guard:
          Type: AWS::Bedrock::Guardrail
          Properties:
            Name: guard
            BlockedInputMessaging: 'no'
            BlockedOutputsMessaging: 'no'
            ContentPolicyConfig: {FiltersConfig: [{Type: HATE, InputStrength: HIGH, OutputStrength: HIGH}]}
    """
    good = bad.replace(
        "[{Type: HATE", "[{Type: PROMPT_ATTACK, InputStrength: HIGH, OutputStrength: NONE}, {Type: HATE"
    )


def _stops_attacks(filter_: Value) -> bool:
    return bool(filter_["Type"] == "PROMPT_ATTACK") and bool(filter_["InputStrength"] != "NONE")


RULES = (
    AgentWithoutGuardrail(),
    AgentUnderSharedKey(),
    GuardrailIsDraft(),
    AnyModelAllowed(),
    DearModel(),
    PromptAttacksLetThrough(),
)
