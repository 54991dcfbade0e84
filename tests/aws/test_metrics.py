from __future__ import annotations

from stackworthy.aws.metrics import metric, metrics, namespaces


def test_user_errors_are_published_for_the_account_and_never_for_a_table() -> None:
    errors = metric("AWS/DynamoDB", "UserErrors")
    assert errors is not None
    assert errors.is_published_for(frozenset())
    assert not errors.is_published_for(frozenset({"TableName"}))
    assert "ReadThrottleEvents" in errors.instead


def test_dimensions_count_in_any_order() -> None:
    latency = metric("AWS/ApiGateway", "Latency")
    assert latency is not None
    assert latency.is_published_for(frozenset({"Stage", "ApiName"}))
    assert not latency.is_published_for(frozenset({"Stage"}))


def test_a_metric_that_is_published_once_a_day_says_so() -> None:
    size = metric("AWS/S3", "BucketSizeBytes")
    assert size is not None
    assert size.period == 86400


def test_what_is_not_in_the_catalogue_is_not_known() -> None:
    assert metric("AWS/DynamoDB", "Nonsense") is None
    assert metric("MyApp", "Orders") is None
    assert metrics("MyApp") == {}


def test_every_metric_of_every_namespace_can_be_read() -> None:
    assert len(namespaces()) >= 30
    assert sum(len(metrics(namespace)) for namespace in namespaces()) >= 600
    for namespace in namespaces():
        for found in metrics(namespace).values():
            assert found.confidence in ("high", "medium", "low")
            assert found.dimensions
