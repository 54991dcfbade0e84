import pytest
from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

from stackworthy.sources.cloudformation.sam import facts

PUBLISHED = PolicyTemplatesProcessor(PolicyTemplatesProcessor.get_default_policy_templates_json())


@pytest.mark.parametrize("name", sorted(PUBLISHED.policy_templates))
def test_every_policy_template_gives_the_policy_that_aws_gives(name):
    values = {
        parameter: {"Ref": f"My{parameter}"} for parameter in PUBLISHED.policy_templates[name].parameters
    }
    template = facts.policy_template(name)
    assert template is not None
    assert facts.policy_document(template, values) == PUBLISHED.convert(name, values)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-eusc"])
def test_every_managed_policy_has_the_arn_that_aws_gives_it(partition):
    published = get_bundled_managed_policy_map(partition) or {}
    assert published
    assert {name: facts.managed_policy_arn(name, partition) for name in published} == published


@pytest.mark.parametrize("name", ["NoSuchPolicy", "", "arn:aws:iam::aws:policy/AWSLambdaRole"])
def test_other_names_are_no_managed_policies(name):
    assert facts.managed_policy_arn(name, "aws") is None


def test_partitions_without_a_list_know_no_managed_policy():
    assert facts.managed_policy_arn("AWSLambdaRole", "aws-iso") is None


@pytest.mark.parametrize("name", ["Unknown", None, 5, ["SQSPollerPolicy"]])
def test_other_values_are_no_policy_templates(name):
    assert facts.policy_template(name) is None
