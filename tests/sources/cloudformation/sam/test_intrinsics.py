import pytest

from stackworthy.sources.cloudformation.sam import intrinsics


def test_parameters_are_resolved_inside_of_other_functions():
    value = {"Fn::Join": ["", [{"Ref": "P"}, {"Fn::Sub": "${P}-${Q}-${AWS::Region}"}, {"Ref": "Other"}]]}
    resolved = intrinsics.resolve(value, {"P": "p", "AWS::Region": "r"})
    assert resolved == {"Fn::Join": ["", ["p", {"Fn::Sub": "p-${Q}-r"}, {"Ref": "Other"}]]}


def test_what_holds_no_parameter_is_shared_and_nothing_is_changed_in_place():
    kept = {"a": [{"Ref": "Other"}]}
    value = {"kept": kept, "changed": [{"Ref": "P"}]}
    resolved = intrinsics.resolve(value, {"P": "p"})
    assert resolved["kept"] is kept
    assert value == {"kept": kept, "changed": [{"Ref": "P"}]}
    assert intrinsics.resolve(kept, {"P": "p"}) is kept


@pytest.mark.parametrize(
    ("given", "text"), [(5, "5"), (True, "true"), (1.5, "1.5"), ("a", "a"), ([1], "${P}"), (None, "${P}")]
)
def test_a_value_in_a_text_is_written_as_cloudformation_writes_it(given, text):
    assert intrinsics.resolve({"Fn::Sub": "${P}"}, {"P": given}) == {"Fn::Sub": text}


def test_a_value_that_cloudformation_does_not_know_yet_stays_a_reference():
    pending = "{{IntrinsicFunction:api-xx/Stack.Outputs.API/Fn::GetAtt}}"
    assert intrinsics.resolve([{"Ref": "P"}, {"Fn::Sub": "${P}"}], {"P": pending}) == [
        {"Ref": "P"},
        {"Fn::Sub": "${P}"},
    ]


@pytest.mark.parametrize(
    "odd", [{"Ref": 5}, {"Fn::Sub": []}, {"Fn::Sub": [5]}, {"Fn::Sub": None}, {5: 6}, {"Ref": ["P"]}]
)
def test_odd_functions_stay_as_they_are(odd):
    assert intrinsics.resolve(odd, {"P": "p"}) == odd


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "A"}, "A"),
        ({"Fn::GetAtt": ["A", "Arn"]}, "A"),
        ({"Fn::GetAtt": "A.Arn"}, "A"),
        ({"Fn::GetAtt": ["A"]}, None),
        ({"Fn::Sub": "A"}, None),
        ("A", None),
    ],
)
def test_the_resource_that_a_reference_names_is_found(value, expected):
    assert intrinsics.referred_id(value) == expected


def test_a_mapping_is_looked_up_only_where_every_key_is_known():
    mappings = {"M": {"a": {"b": "found"}}}
    assert intrinsics.find_in_map({"Fn::FindInMap": ["M", "a", "b"]}, mappings) == "found"
    for keys in (["M", "a", "c"], ["M", {"Ref": "P"}, "b"], ["M", "a"], "M"):
        assert intrinsics.find_in_map({"Fn::FindInMap": keys}, mappings) == {"Fn::FindInMap": keys}
    assert intrinsics.find_in_map({"Fn::FindInMap": ["M", "a", "b"]}, None) == {
        "Fn::FindInMap": ["M", "a", "b"]
    }
