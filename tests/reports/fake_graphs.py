"""Graphs of stacks made by hand, as plain data."""

from stackworthy.reports.graph_json import EnvironmentGraph, GraphRelation, GraphResource, StackGraph, Via


def resource(address, kind="AWS::Lambda::Function", *, part_of=None, present=True, properties=None):
    return GraphResource(
        address,
        kind,
        kind or "Custom::Thing",
        "template.yaml",
        1,
        None,
        None,
        part_of,
        None,
        None,
        present,
        properties or {},
    )


def relation(source, kind, target):
    return GraphRelation(source, target, kind, Via("a test says so", None, {}))


def stack(resources, relations, *, path="template.yaml", environment=None):
    return StackGraph(path, "sam", [EnvironmentGraph(environment, resources, relations, [])], [])


def shop():
    """An API with routes, functions, a queue with its dead letters, tables and alarms: sixty resources."""
    resources = [
        resource("Site", "AWS::CloudFront::Distribution"),
        resource("Assets", "AWS::S3::Bucket"),
        resource("Api", "AWS::ApiGatewayV2::Api"),
        resource("Users", "AWS::Cognito::UserPool"),
        resource("Bus", "AWS::Events::EventBus"),
        resource("Orders", "AWS::SQS::Queue"),
        resource("DeadOrders", "AWS::SQS::Queue"),
        resource("Checkout", "AWS::StepFunctions::StateMachine"),
        resource("Nightly", "AWS::Events::Rule"),
        resource("Mail", "AWS::SNS::Topic"),
        resource("Search", "AWS::OpenSearchService::Domain"),
        resource("Key", "AWS::KMS::Key"),
    ]
    relations = [
        relation("Site", "reads", "Assets"),
        relation("Site", "routes", "Api"),
        relation("Users", "protects", "Api"),
        relation("Orders", "triggers", "OrderWorker"),
        relation("OrderWorker", "invokes", "Checkout"),
        relation("OrderWorker", "writes", "Bus"),
        relation("Bus", "triggers", "Indexer"),
        relation("Indexer", "writes", "Search"),
        relation("Nightly", "triggers", "Report"),
        relation("Report", "reads", "OrdersTable"),
        relation("Report", "writes", "Mail"),
        relation("OrdersTable", "triggers", "Indexer"),
        relation("Checkout", "invokes", "Pay"),
        relation("Checkout", "invokes", "Ship"),
        relation("Pay", "writes", "OrdersTable"),
        relation("Ship", "writes", "OrdersTable"),
        relation("Ship", "invokes", "Checkout"),
    ]
    resources += [resource(name) for name in ("OrderWorker", "Indexer", "Report", "Pay", "Ship")]
    tables = ["OrdersTable", "ProductsTable", "CartsTable", "SessionsTable"]
    resources += [resource(name, "AWS::DynamoDB::Table") for name in tables]
    for index in range(14):
        function, route = f"Endpoint{index:02}Function", f"Api/Route{index:02}"
        resources += [resource(function), resource(route, "AWS::ApiGatewayV2::Route", part_of="Api")]
        relations.append(relation(route, "invokes", function))
        relations.append(relation(function, "reads" if index % 3 else "writes", tables[index % 4]))
        if index % 5 == 0:
            relations.append(relation(function, "writes", "Orders"))
    for index in range(10):
        resources.append(resource(f"Alarm{index}", "AWS::CloudWatch::Alarm"))
        relations.append(relation(f"Alarm{index}", "watches", f"Endpoint{index:02}Function"))
    resources.append(resource("AnExtraordinarilyLongLogicalIdOfAFunctionInAConstruct/Resource"))
    resources.append(resource("Role", "AWS::IAM::Role"))
    return stack(resources, relations, path="shop/template.yaml")
