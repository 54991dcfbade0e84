"""How dangerous the statements of an identity's policies are, worst word first.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html and, for what lets somebody gain more
permissions than they have, https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from stackworthy.aws.paths import each
from stackworthy.aws.statements import Statement, read_policy
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, NotKnown, OpenList, Partial, Reference, Unknown, Value, show

HOLDERS = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
"""Kinds with inline policies."""

DOCUMENTS = (
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
)
"""Kinds that are one policy."""

ADMINISTRATOR = "administrator"
ESCALATION = "escalation"
PASSING = "pass role"
PERMISSIONS = "permissions"
WHOLE_SERVICE = "whole service"
SECRETS = "secrets"
DATA = "data"

_ESCALATING = frozenset(
    f"iam:{action}".lower()
    for action in (
        "AddUserToGroup",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreatePolicyVersion",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "SetDefaultPolicyVersion",
        "UpdateAssumeRolePolicy",
        "UpdateLoginProfile",
    )
) | {"iam:*", "sts:*", "sts:assumerole"}
_PERMISSIONS = frozenset(
    {
        "apigateway:updaterestapipolicy",
        "ecr:setrepositorypolicy",
        "events:putpermission",
        "glue:putresourcepolicy",
        "iam:createpolicy",
        "iam:createrole",
        "iam:createuser",
        "iam:deleterolepermissionsboundary",
        "iam:deleteuserpermissionsboundary",
        "iam:putrolepermissionsboundary",
        "iam:putuserpermissionsboundary",
        "kms:creategrant",
        "kms:putkeypolicy",
        "kms:retiregrant",
        "kms:revokegrant",
        "lambda:addlayerversionpermission",
        "lambda:addpermission",
        "lambda:removepermission",
        "s3:bypassgovernanceretention",
        "s3:deleteaccesspointpolicy",
        "s3:deletebucketpolicy",
        "s3:objectowneroverridetobucketowner",
        "s3:putaccesspointpolicy",
        "s3:putaccountpublicaccessblock",
        "s3:putbucketacl",
        "s3:putbucketpolicy",
        "s3:putbucketpublicaccessblock",
        "s3:putobjectacl",
        "s3:putobjectversionacl",
        "secretsmanager:deleteresourcepolicy",
        "secretsmanager:putresourcepolicy",
        "sns:addpermission",
        "sns:removepermission",
        "sqs:addpermission",
        "sqs:removepermission",
        "ssm:modifydocumentpermission",
    }
)
"""Actions that change who may do what, as the access level "permissions management" says; those on identities escalate."""
_SECRET = frozenset(
    {
        "secretsmanager:getsecretvalue",
        "secretsmanager:batchgetsecretvalue",
        "ssm:getparameter",
        "ssm:getparameters",
        "ssm:getparametersbypath",
        "kms:decrypt",
    }
)
_HARMLESS_SERVICES = frozenset({"xray", "cloudwatch", "logs", "ec2messages", "ssmmessages", "tag"})
_DATA = {
    "s3": ("getobject", "get*", "putobject", "put*", "putbucketpolicy", "delete", "restoreobject"),
    "dynamodb": ("get", "put", "delete", "update", "batch", "query", "scan", "partiql", "transact"),
    "sqs": ("send", "receive", "delete", "purge"),
    "kinesis": ("put", "get"),
    "firehose": ("put",),
    "lambda": ("invoke", "update", "delete", "addpermission"),
    "states": ("start", "stop", "send"),
    "events": ("put", "delete"),
    "rds-data": ("execute", "batch"),
    "kms": ("encrypt", "generate", "sign", "schedule", "disable"),
    "secretsmanager": ("put", "update", "delete"),
    "ssm": ("put", "delete", "send"),
    "cognito-idp": ("admin", "delete", "update"),
}
"""Actions on data, by service and the words that they begin with, all of which take a resource."""
_NO_RESOURCE = frozenset(
    {
        "lambda:updateaccountsettings",
        "lambda:getaccountsettings",
        "kms:generaterandom",
        "kms:createkey",
    }
)


class Grant(msgspec.Struct, frozen=True, eq=False):
    """Dangerous statements of one sort: the first, the others, and the actions that make them so."""

    statement: Statement
    danger: str
    actions: List
    others: tuple[Statement, ...] = ()

    def with_(self, more: Grant) -> Grant:
        """This and another grant of the same sort."""
        actions = List(self.actions)
        actions.extend(action for action in more.actions if action not in self.actions)
        return Grant(self.statement, self.danger, actions, (*self.others, more.statement))


def grants(identity: Resource) -> List:
    """The dangerous statements that a role, user, group or policy states itself, one grant for each sort of danger.

    Open when some cannot be judged.
    """
    memo = identity.graph.memo
    key = ("grants", identity.address)
    found = memo.get(key)
    if not isinstance(found, List):
        found = memo[key] = _grants(identity)
    return found


def trusted(role: Resource) -> List:
    """The statements of a role's trust policy, read once for all who ask."""
    memo = role.graph.memo
    key = ("trust", role.address)
    found = memo.get(key)
    if not isinstance(found, List):
        found = memo[key] = read_policy(role["AssumeRolePolicyDocument"], role, "AssumeRolePolicyDocument")
    return found


def _grants(identity: Resource) -> List:
    found: dict[str, Grant] = {}
    rest: Unknown | None = None
    for part in _own(identity):
        if isinstance(part, OpenList):
            rest = part.rest
        for statement in list.__iter__(part):
            try:
                for grant in graded(statement):
                    before = found.get(grant.danger)
                    found[grant.danger] = before.with_(grant) if before else grant
            except NotKnown as error:
                rest = Unknown(error.reason)
    return OpenList(found.values(), rest) if rest is not None else List(found.values())


def _own(identity: Resource) -> list[List]:
    """The statements that an identity states itself, policy by policy, read once for all who ask."""
    memo = identity.graph.memo
    key = ("own statements", identity.address)
    found = memo.get(key)
    if not isinstance(found, list):
        found = memo[key] = list(_policies(identity))
    return found


def _policies(identity: Resource) -> Iterator[List]:
    if identity.kind in DOCUMENTS:
        yield read_policy(identity["PolicyDocument"], identity, "PolicyDocument")
        return
    for found in each(identity, "Policies[]"):
        if isinstance(found.value, Map):
            yield read_policy(found.value["PolicyDocument"], identity, f"{found.path}.PolicyDocument")
        else:
            yield OpenList((), Unknown(f"{found.path} is not known"))


def narrow_statements(identity: Resource) -> Iterator[Statement]:
    """The statements of an identity that allow something on stated resources, under no condition; raises `NotKnown`."""
    return (found for found in _allowing(identity) if not found.resources.any_of(_is_everything))


def wide_statements(identity: Resource) -> Iterator[Statement]:
    """The statements of an identity that allow something on every resource, under no condition; raises `NotKnown`."""
    return (found for found in _allowing(identity) if found.resources.any_of(_is_everything))


def _allowing(identity: Resource) -> Iterator[Statement]:
    for part in _own(identity):
        for statement in part:
            if statement.allows and not statement.conditions and list.__len__(statement.resources):
                yield statement


def graded(statement: Statement) -> Iterator[Grant]:
    """The dangers of what a statement allows on every resource, worst first, each action under its worst; raises `NotKnown`.

    A statement under conditions is taken to be narrowed down by them. An administrator's needs no second word, and data is named only
    where nothing worse is.
    """
    if statement.effect != "Allow" or not statement.resources.any_of(_is_everything) or statement.conditions:
        return
    known: list[str] = []
    undecided: NotKnown | None = None
    try:
        known.extend(_text(action) for action in statement.actions)
    except NotKnown as error:
        undecided = error
    named = False
    for danger, fits in _GRADES:
        chosen = [action for action in known if fits(action.lower())]
        known = [action for action in known if action not in chosen]
        if chosen and not (named and danger == DATA):
            named = True
            yield Grant(statement, danger, List(chosen))
        if chosen and danger == ADMINISTRATOR:
            return
    if undecided is not None:
        raise undecided


def _is_everything(resource: Value) -> bool:
    if isinstance(resource, Unknown) and resource.stated:
        return False  # a parameter or an import: whoever gives it names something
    if isinstance(resource, Partial) and (resource.references or _says_more(resource)):
        return False  # the ARN of a resource, or a part of one
    return bool(resource == "*")


def _says_more(text: Partial) -> bool:
    return any(
        piece.stated if isinstance(piece, Unknown) else show(piece).strip("*") for piece in text.pieces
    )


def _text(action: Value) -> str:
    if isinstance(action, str):
        return action
    raise NotKnown(f"the action {show(action)} is not known")


def _is_data(action: str) -> bool:
    service, _, name = action.partition(":")
    return action not in _NO_RESOURCE and name.startswith(_DATA.get(service, ("\0",)))


def _is_whole_service(action: str) -> bool:
    service, _, name = action.partition(":")
    return name == "*" and service not in _HARMLESS_SERVICES


_GRADES = (
    (ADMINISTRATOR, lambda action: action in ("*", "*:*")),
    (ESCALATION, _ESCALATING.__contains__),
    (PASSING, lambda action: action in ("iam:passrole", "iam:pass*")),
    (WHOLE_SERVICE, _is_whole_service),
    (PERMISSIONS, _PERMISSIONS.__contains__),
    (SECRETS, _SECRET.__contains__),
    (DATA, _is_data),
)


def is_administrator(statement: Statement) -> bool:
    """Whether a statement allows everything on everything; raises `NotKnown`."""
    if statement.effect != "Allow" or statement.conditions:
        return False
    return bool(statement.actions.any_of(lambda action: action in ("*", "*:*"))) and bool(
        statement.resources.any_of(_is_everything)
    )


def policies_of_functions(graph: Graph) -> frozenset[str]:
    """The addresses of the roles and policies under which the functions of the stack act, as far as they are known."""
    from stackworthy.aws.iam import statements

    found = graph.memo.get("policies of functions")
    if not isinstance(found, frozenset):
        found = graph.memo["policies of functions"] = frozenset(
            statement.origin.address
            for function in graph.of("AWS::Lambda::Function")
            for statement in list.__iter__(statements(function))
        )
    return found


def is_managed_policy(value: Value, name: str) -> bool:
    """Whether a value is the ARN of the AWS managed policy of this name, in any partition; raises `NotKnown`."""
    if isinstance(value, Reference):
        return False
    if isinstance(value, Unknown):
        raise NotKnown(value.reason)
    return show(value).endswith(f":iam::aws:policy/{name}")


def allows_whole_service(name: str) -> bool:
    """Whether the managed policy of AWS of this name allows every action of the service that it is named after, on everything."""
    from stackworthy.aws.iam import managed_policy

    service = "".join(filter(str.isalnum, name.removesuffix("FullAccess"))).lower()
    for entry in managed_policy(name) or ():
        actions = entry.get("Action") or ()
        on_all = entry.get("Resource") in ("*", ["*"])
        for action in (actions,) if isinstance(actions, str) else actions:
            prefix, _, verb = action.partition(":")
            if on_all and entry.get("Effect") == "Allow" and verb == "*" and prefix[:3].lower() in service:
                return True
    return False
