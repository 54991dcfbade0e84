import pytest

from stackworthy.sources.cloudformation.sam.expand import expand
from stackworthy.sources.cloudformation.sam.places import author_place

TEMPLATE = """
    Globals:
      Function:
        Runtime: python3.13
        Handler: a.b
        Tracing: Active
        Layers: [a, b]
        Environment: {Variables: {A: global, B: global}}
        Architectures: [x86_64]
    Resources:
      Fn:
        Type: AWS::Serverless::Function
        Properties:
          InlineCode: a
          MemorySize: 512
          Layers: [c]
          Environment: {Variables: {B: own}}
          Architectures: [arm64]
          Policies: [{Statement: []}]
          Events: {Jobs: {Type: SQS, Properties: {Queue: arn, BatchSize: 5}}}
      Plain: {Type: AWS::Serverless::Function, IgnoreGlobals: [Tracing], Properties: {InlineCode: a, Runtime: r, Handler: h}}
"""

FN = ("Resources", "Fn", "Properties")
SHARED = ("Globals", "Function")

PLACES = [
    ("Fn", "MemorySize", (*FN, "MemorySize"), True, False),
    ("Fn", "Timeout", (*FN, "Timeout"), False, False),
    ("Fn", "TracingConfig.Mode", (*SHARED, "Tracing"), True, True),
    ("Plain", "TracingConfig.Mode", ("Resources", "Plain", "Properties", "Tracing"), False, False),
    ("Fn", "Layers.1", (*SHARED, "Layers", 1), True, True),
    ("Fn", "Layers.2", (*FN, "Layers", 0), True, False),
    ("Fn", "Layers", (*FN, "Layers"), True, False),
    ("Fn", "Environment.Variables.A", (*SHARED, "Environment", "Variables", "A"), True, True),
    ("Fn", "Environment.Variables.B", (*FN, "Environment", "Variables", "B"), True, False),
    ("Fn", "Environment.Variables.C", (*FN, "Environment", "Variables", "C"), False, False),
    ("Fn", "Architectures.0", (*FN, "Architectures", 0), True, False),
    ("Fn", "NoSuchProperty", ("Resources", "Fn"), True, False),
    ("FnJobs", "BatchSize", (*FN, "Events", "Jobs", "Properties", "BatchSize"), True, False),
    ("FnJobs", "Enabled", (*FN, "Events", "Jobs", "Properties", "Enabled"), False, False),
    ("FnRole", "Policies.0.PolicyDocument", (*FN, "Policies", 0, "PolicyDocument"), False, False),
]


@pytest.mark.parametrize(
    ("made", "path", "route", "written", "shared"), PLACES, ids=[f"{p[0]}.{p[1]}" for p in PLACES]
)
def test_a_property_of_a_made_resource_has_its_place_in_the_authors_template(
    made, path, route, written, shared, template_of
):
    template = template_of(TEMPLATE)
    place = author_place(template, expand(template, {}).made[made], path)
    assert (place.route, place.written, place.shared) == (route, written, shared)
