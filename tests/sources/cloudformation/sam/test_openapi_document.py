import pytest

from stackworthy.sources.cloudformation.sam.context import Unexpandable
from stackworthy.sources.cloudformation.sam.openapi_document import (
    FIXED,
    Document,
    Own,
    Printer,
    is_definition,
    method_name,
)

PLACE = ("Resources", "Api")


def document(content):
    return Document(content, PLACE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "u'a'"),
        (Own("a"), "'a'"),
        ("it's", 'u"it\'s"'),
        ("both ' and \"", "u'both \\' and \"'"),
        ("line\n", "u'line\\n'"),
        ("é", "u'\\xe9'"),
        (True, "True"),
        (None, "None"),
        (1.5, "1.5"),
        (2**63, "9223372036854775808L"),
        ([1, "a"], "[1, u'a']"),
        ({"bar": 1, "foo": {}}, "{u'foo': {}, u'bar': 1}"),
        ({200: "a"}, "{u'200': u'a'}"),
    ],
)
def test_a_value_prints_as_in_python_2_7(value, text):
    assert Printer().text(value) == text


def test_a_definition_larger_than_any_real_one_is_printed_in_part():
    assert len(Printer().text({str(number): [0] * 1000 for number in range(1000)})) < 2_000_000


def test_a_map_that_is_fixed_prints_in_its_own_order():
    made = document({})
    assert Printer().text(made.node({"bar": 1, "foo": 2}, order=FIXED)) == "{u'bar': 1, u'foo': 2}"


def test_keys_of_a_copied_definition_print_in_the_order_of_the_copy():
    made = document({"bar": 1, "baz": 2})
    assert made.printed() == "{u'baz': 2, u'bar': 1}"
    made.copies += 1
    assert made.printed() == "{u'bar': 1, u'baz': 2}"


def test_a_key_put_after_a_copy_finds_the_slots_that_the_copy_left():
    at_once, copied = document({"bar": 1, "baz": 2}), document({"bar": 1, "baz": 2})
    copied.copies += 1
    for made in (at_once, copied):
        made.put(made.root, "foo", 3)
    assert at_once.keys(at_once.root) == ("baz", "foo", "bar")
    assert copied.keys(copied.root) == ("bar", "foo", "baz")


def test_keys_stay_where_they_are_when_another_is_dropped():
    made = document({"bar": 1, "baz": 2, "foo": 3})
    made.drop(made.root, "bar")
    assert made.keys(made.root) == ("baz", "foo")
    made.copies += 1
    assert made.keys(made.root) == ("foo", "baz")


def test_the_authors_own_map_is_copied_before_it_is_changed():
    given = {"info": {"title": "a"}, "paths": {}}
    made = document(given)
    made.put(made.own(made.root, "info"), "version", "1")
    assert given == {"info": {"title": "a"}, "paths": {}}
    assert made.plain() == {"info": {"title": "a", "version": "1"}, "paths": {}}


def test_what_was_not_changed_is_shared_with_the_author():
    given = {"info": {"title": "a"}, "paths": {}}
    assert document(given).plain()["info"] is given["info"]


def test_the_plain_definition_has_plain_strings_and_maps_only():
    made = document({})
    made.put(made.root, Own("a"), [Own("b"), made.node({Own("c"): Own("d")})])
    plain = made.plain()
    assert plain == {"a": ["b", {"c": "d"}]}
    assert {type(text) for text in (*plain, plain["a"][0], *plain["a"][1])} == {str}
    assert type(plain["a"][1]) is dict


def test_the_branches_of_a_condition_are_told_apart():
    made = document({"/a": {"Fn::If": ["C", {"get": {}}, {"Ref": "AWS::NoValue"}]}})
    assert made.arms(made.root, "/a") == [{"get": {}}]
    assert made.arms(made.root, "/b") == [None]


def test_a_condition_that_is_no_list_is_refused_at_its_place():
    made = document({"/a": {"Fn::If": "C"}})
    with pytest.raises(Unexpandable) as refusal:
        made.arms(made.root, "/a")
    assert refusal.value.route == PLACE


@pytest.mark.parametrize(
    ("value", "swagger", "holds"),
    [
        ({"swagger": "2.0", "paths": {}}, True, True),
        ({"swagger": "2.0", "paths": {}}, False, False),
        ({"openapi": "3.0.1", "paths": {}}, False, True),
        ({"openapi": 3.0, "paths": {}}, True, True),
        ({"openapi": "4", "paths": {}}, True, False),
        ({"openapi": "3.0.1", "paths": []}, True, False),
        ({"Fn::Transform": {}}, True, False),
        ("text", True, False),
        (None, True, False),
    ],
)
def test_a_definition_is_one_that_says_so_and_has_paths(value, swagger, holds):
    assert is_definition(value, swagger=swagger) is holds


def test_any_method_is_an_extension_in_a_definition():
    assert method_name("ANY") == "x-amazon-apigateway-any-method"
    assert method_name("Post") == "post"
