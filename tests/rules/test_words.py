from __future__ import annotations

import pytest

from stackworthy.core.value import List, NotKnown, OpenList, Partial, Reference, Unknown
from stackworthy.rules._cors import any_origin
from stackworthy.rules._words import days, name_of


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86_400, "1 day"),
        (345_600, "4 days"),
        (5400, "90 minutes"),
        (3600, "1 hour"),
        (61, "61 seconds"),
        (0, "0 days"),
    ],
)
def test_a_time_is_said_in_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert days(seconds) == words


def test_a_resource_is_called_by_the_end_of_its_address() -> None:
    assert name_of(Reference("Network/Jobs", "Arn")) == "Jobs"
    assert name_of(Partial(("arn:aws:lambda:::function:", Reference("Worker")))) == "Worker"
    assert name_of("reports") == "reports"


def test_some_origins_stand_for_every_site() -> None:
    assert any_origin(List(["https://app.example.com", "*"]))
    assert any_origin(List(["https://*"]))
    assert not any_origin(List(["https://*.example.com"]))
    assert any_origin(OpenList(["*"], Unknown("more")))
    with pytest.raises(NotKnown):
        any_origin(OpenList(["https://app.example.com"], Unknown("more")))
