"""`AWS::Serverless::Application`: another template, from a file, a bucket or the Serverless Application Repository, as a nested stack.

The repository answers a request with the URL of a template; a review asks nobody, so `TemplateURL` is left out there.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
"""

from __future__ import annotations

from typing import Any

from .context import Context, property_route
from .properties import property_routes
from .shapes import APPLICATION, checked
from .tags import CREATED_BY_SAM, checked_tags, tag_list

KIND = "AWS::CloudFormation::Stack"

REPOSITORY_TAGS = {
    "ApplicationId": "serverlessrepo:applicationId",
    "SemanticVersion": "serverlessrepo:semanticVersion",
}


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    properties = checked(context, context.resources[logical_id].get("Properties"), APPLICATION, route)
    place = properties["Location"]
    template: Any = place
    repository: dict[str, Any] = {}
    if isinstance(place, dict):
        template = None
        for name, tag in REPOSITORY_TAGS.items():
            stated = context.resolve_all(place.get(name))
            if not stated or isinstance(stated, dict):
                context.problem(
                    (*route, "Location", name), "must be stated, or be known from a parameter or mapping"
                )
            else:
                repository[tag] = stated
    tags = checked_tags(context, properties.get("Tags"), (*route, "Tags"))
    stack = {
        "TemplateURL": template,
        "Parameters": properties.get("Parameters"),
        "NotificationARNs": properties.get("NotificationARNs"),
        "Tags": tag_list({**CREATED_BY_SAM, **repository, **tags}),
        "TimeoutInMinutes": properties.get("TimeoutInMinutes"),
    }
    context.add(
        logical_id,
        KIND,
        stack,
        by=logical_id,
        properties_from=property_routes("AWS::Serverless::Application", KIND),
        attributes=context.handed_down(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )
