import pytest

from stackworthy.sources.cloudformation.sam.code import s3_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("s3://bucket/a/b.zip", {"Bucket": "bucket", "Key": "a/b.zip"}),
        ("s3://bucket/a?versionId=v", {"Bucket": "bucket", "Key": "a", "Version": "v"}),
        ("s3://bucket/a?versionId=v&versionId=w", {"Bucket": "bucket", "Key": "a"}),
        ("s3://bucket", None),
        ("s3:///key", None),
        ("https://bucket/key", None),
        ("src/", None),
        ("", None),
        ("s3://[TOKEN.25]/key", None),
    ],
)
def test_the_address_of_an_object_is_taken_apart(text, parts):
    assert s3_parts(text) == parts
