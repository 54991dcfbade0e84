"""Feature flags in AppConfig: switched without a deployment, step by step, and back.

https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-and-profile-feature-flags.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import TERRAFORM, is_own
from stackworthy.core.fix import AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map

APART = "feature-flags"
TITLE = "Switch features without a deployment"
APPLICATION, FUNCTION = "AWS::AppConfig::Application", "AWS::Lambda::Function"
EMPTY = '{"version":"1","flags":{},"values":{}}'


def improvements(graph: Graph) -> list[Improvement]:
    """An application, environment and profile of AppConfig with no flag yet; done when the stack has one."""
    there = [application.address for application in graph.of(APPLICATION)]
    if there:
        return [
            Improvement(TITLE, "", resources=tuple(there), done=f"AppConfig is there: {', '.join(there)}")
        ]
    functions = graph.of(FUNCTION)
    if not functions:
        return []
    beside = next((function for function in functions if is_own(function)), functions[0])
    changes = _flags(graph, beside)
    why = (
        "a feature is switched on for everybody over ten minutes, and off at once, without a deployment; each request for the configuration is billed, so that "
        "the layer of AWS, which keeps it, belongs into the functions that ask"
    )
    steps = (
        "give the functions that ask the AppConfig layer (it keeps the flags and asks every 45 seconds), or Powertools' feature flags",
        "let their roles call appconfig:StartConfigurationSession and appconfig:GetLatestConfiguration on the profile, in the same change as the code",
        "read the flags where the environment's variables are read now, with a default for when AppConfig does not answer",
    )
    return [Improvement(TITLE, why, tuple(changes), steps, tuple(function.address for function in functions))]


def _flags(graph: Graph, beside: Resource) -> list[Change]:
    def name(text: str) -> Map:
        return Map() if graph.format == TERRAFORM else Map(Name=text)

    application = AddResource(APPLICATION, "FlagsApplication", name("flags"), beside, APART)
    environment = AddResource(
        "AWS::AppConfig::Environment",
        "FlagsEnvironment",
        Map({**name("live"), "ApplicationId": application.reference()}),
        beside,
        APART,
    )
    profile = AddResource(
        "AWS::AppConfig::ConfigurationProfile",
        "FlagsProfile",
        Map(
            {
                **name("flags"),
                "ApplicationId": application.reference(),
                "LocationUri": "hosted",
                "Type": "AWS.AppConfig.FeatureFlags",
            }
        ),
        beside,
        APART,
    )
    own = Map(
        ApplicationId=application.reference(),
        ConfigurationProfileId=profile.reference("ConfigurationProfileId"),
    )
    version = AddResource(
        "AWS::AppConfig::HostedConfigurationVersion",
        "FlagsVersion",
        Map({**own, "ContentType": "application/json", "Content": EMPTY}),
        beside,
        APART,
    )
    return [application, environment, profile, version]
