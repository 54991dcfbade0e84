import pytest

from stackworthy.sources.cloudformation.sam.api_properties import (
    API_TABLES,
    GRAPHQL_SHAPES,
    HTTP_SHAPES,
    REST_SHAPES,
    WEBSOCKET_SHAPES,
    api_property_routes,
)

SHAPES = {
    "AWS::Serverless::Api": REST_SHAPES,
    "AWS::Serverless::HttpApi": HTTP_SHAPES,
    "AWS::Serverless::WebSocketApi": WEBSOCKET_SHAPES,
    "AWS::Serverless::GraphQLApi": GRAPHQL_SHAPES,
}
ROWS = [
    (kind, made, own)
    for kind, tables in API_TABLES.items()
    for made, table in tables.items()
    for own in table.values()
]


@pytest.mark.parametrize(("kind", "made", "own"), ROWS)
def test_every_row_leads_to_a_property_that_the_author_may_write(kind, made, own):
    assert own.split(".")[0] in SHAPES[kind], made


def test_routes_start_at_the_properties_of_the_sam_resource():
    routes = api_property_routes("AWS::Serverless::Api", "AWS::ApiGateway::Stage")
    assert routes["AccessLogSetting"] == ("Properties", "AccessLogSetting")
    nested = api_property_routes("AWS::Serverless::Api", "AWS::ApiGateway::UsagePlan")
    assert nested["Quota"] == ("Properties", "Auth", "UsagePlan", "Quota")


def test_a_kind_without_a_table_has_no_routes():
    assert api_property_routes("AWS::Serverless::Api", "AWS::ApiGateway::Deployment") == {}
