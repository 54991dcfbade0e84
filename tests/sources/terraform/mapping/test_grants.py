"""Access lists that are stated grant by grant: the canned list that opens the bucket as wide."""

from __future__ import annotations

import pytest

from stackworthy.core.value import List, Map, Unknown, Value
from stackworthy.sources.terraform.mapping.convert import CONVERSIONS

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
SIGNED_IN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"


def policy(*grants: tuple[Value, Value]) -> List:
    made = (Map(grantee=List([Map(type="Group", uri=uri)]), permission=what) for uri, what in grants)
    return List([Map(grant=List(made), owner=List([Map(id="1")]))])


@pytest.mark.parametrize(
    ("grants", "canned"),
    [
        ([(EVERYBODY, "FULL_CONTROL")], "PublicReadWrite"),
        ([(LOGS, "WRITE"), (EVERYBODY, "READ_ACP")], "PublicRead"),
        ([(SIGNED_IN, "READ")], "AuthenticatedRead"),
        ([(SIGNED_IN, "WRITE")], "PublicReadWrite"),
        ([(LOGS, "WRITE")], "LogDeliveryWrite"),
        ([("urn:other", "FULL_CONTROL")], "Private"),
    ],
)
def test_a_policy_is_as_wide_as_its_widest_grant(grants: list[tuple[Value, Value]], canned: str) -> None:
    assert CONVERSIONS["access-policy"].read(policy(*grants)) == canned


def test_grants_of_a_bucket_list_their_permissions() -> None:
    grants = List([Map(type="Group", uri=EVERYBODY, permissions=List(["READ", "WRITE"]))])
    assert CONVERSIONS["bucket-grants"].read(grants) == "PublicReadWrite"


def test_a_grantee_that_nobody_knows_makes_the_list_unknown() -> None:
    found = CONVERSIONS["access-policy"].read(policy((Unknown("var.who has no value", "var.who"), "READ")))
    assert isinstance(found, Unknown)


def test_a_canned_list_is_not_written_as_grants() -> None:
    with pytest.raises(ValueError, match="grant by grant"):
        CONVERSIONS["access-policy"].write("Private")
