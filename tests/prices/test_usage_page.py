"""The page of usage keys is that of the price functions."""

from tools import make_usage_page


def test_the_page_is_fresh():
    assert make_usage_page.PAGE.read_text(encoding="utf-8") == make_usage_page.page()
