"""Changes of the graph come out in the template as its author would write them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest
import yaml

from stackworthy.config import Settings
from stackworthy.core.fix import Allow, Change
from stackworthy.core.patch import CannotWrite, spliced
from stackworthy.core.resource import Resource
from stackworthy.core.value import Reference
from stackworthy.core.workspace import Disk
from stackworthy.remedy.state import State, state_of
from stackworthy.sources.find import find
from stackworthy.sources.writing import patch

SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.14
      InlineCode: x
"""


class Loader(yaml.SafeLoader):
    """Takes a short intrinsic as its name and argument."""


Loader.add_multi_constructor(
    "!",
    lambda loader, suffix, node: {suffix: loader.construct_scalar(node)},
)


def stated(folder: Path, text: str) -> State:
    (folder / "template.yaml").write_text(text)
    workspace = Disk(str(folder))
    (stack,) = find(workspace, "", Settings()).stacks
    return state_of(workspace, stack, Settings())


def resource(state: State, address: str) -> Resource:
    found = state.views[0].reading.graph.get(address)
    assert found is not None
    return found


def written(state: State, change: Change) -> str:
    splices = patch(state.workspace, state.stack, state.views[0].reading, [change])
    return spliced(state.workspace.read("template.yaml"), splices).decode()


def allow(state: State, address: str) -> Allow:
    return Allow(resource(state, address), ("sqs:SendMessage",), (Reference("Queue", "Arn"),))


STATEMENT = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"GetAtt": "Queue.Arn"}}

FORMS = {
    "nothing": ("", []),
    "a name": ("Policies: AmazonSQSReadOnlyAccess", ["AmazonSQSReadOnlyAccess"]),
    "a list on one line": ("Policies: [AmazonSQSReadOnlyAccess]", ["AmazonSQSReadOnlyAccess"]),
    "a policy template": (
        "Policies:\n  - SQSPollerPolicy: {QueueName: q}",
        [{"SQSPollerPolicy": {"QueueName": "q"}}],
    ),
    "a reference": ("Policies: !Ref Managed", [{"Ref": "Managed"}]),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_permission_joins_the_policies_of_a_function_in_any_form(form: str, tmp_path: Path) -> None:
    text, before = FORMS[form]
    state = stated(tmp_path, SAM + indent(text, "      ") + ("\n" if text else ""))
    after = yaml.load(written(state, allow(state, "FnRole")), Loader)
    policies = after["Resources"]["Fn"]["Properties"]["Policies"]
    assert policies[:-1] == before
    assert policies[-1]["Statement"] == [STATEMENT]


def test_a_permission_joins_one_policy_document_of_a_function(tmp_path: Path) -> None:
    text = "Policies:\n  Version: '2012-10-17'\n  Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]\n"
    state = stated(tmp_path, SAM + indent(text, "      "))
    after = yaml.load(written(state, allow(state, "FnRole")), Loader)
    policies = after["Resources"]["Fn"]["Properties"]["Policies"]
    assert [policy["Statement"][0]["Action"] for policy in policies] == ["s3:GetObject", "sqs:SendMessage"]


def test_a_permission_becomes_a_policy_of_a_role(tmp_path: Path) -> None:
    text = """\
        Resources:
          Queue: {Type: AWS::SQS::Queue}
          Worker:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument: {Statement: []}
        """
    state = stated(tmp_path, dedent(text))
    after = yaml.load(written(state, allow(state, "Worker")), Loader)
    (policy,) = after["Resources"]["Worker"]["Properties"]["Policies"]
    assert policy["PolicyName"] == "WorkerAccess"
    assert policy["PolicyDocument"]["Statement"] == [STATEMENT]


def test_what_takes_no_policies_is_given_none(tmp_path: Path) -> None:
    state = stated(tmp_path, SAM)
    with pytest.raises(CannotWrite, match="no policies of its own"):
        written(state, allow(state, "Queue"))
