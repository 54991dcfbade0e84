from stackworthy.sources.cloudformation.sam.expand import expand

BASE = "Runtime: python3.13, Handler: a.b"


def test_globals_are_merged_as_aws_merges_them(same_as_aws):
    expansion = same_as_aws("""
        Globals:
          Function:
            Runtime: python3.13
            Handler: a.b
            Timeout: 3
            Layers: [a]
            Tags: {one: '1', two: '2'}
            Environment: {Variables: {A: global, B: global}}
            VpcConfig: {SubnetIds: [s], SecurityGroupIds: [g]}
            Architectures: [x86_64]
            Tracing: Active
          SimpleTable: {SSESpecification: {SSEEnabled: true}}
          StateMachine: {PropagateTags: true}
          LayerVersion: {PublishLambdaVersion: true}
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Properties:
              InlineCode: a
              Timeout: 30
              Layers: [b]
              Tags: {two: b, three: c}
              Environment: {Variables: {B: own, C: own}}
              VpcConfig: {SubnetIds: [t]}
              Architectures: [arm64]
              Tracing: !Ref Other
          Plain: {Type: AWS::Serverless::Function, Properties: {InlineCode: a}}
          Table: {Type: AWS::Serverless::SimpleTable}
          Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: 's3://a/b'}}
          Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: 's3://a/b', Tags: {a: b}}}
    """)
    function = expansion.resources["Fn"]["Properties"]
    assert function["Layers"] == ["a", "b"]
    assert function["Architectures"] == ["arm64"]
    assert function["Environment"] == {"Variables": {"A": "global", "B": "own", "C": "own"}}
    assert function["Timeout"] == 30


def test_a_resource_may_ignore_some_globals(same_as_aws):
    expansion = same_as_aws(f"""
        Globals: {{Function: {{Timeout: 3, MemorySize: 512}}}}
        Resources:
          One: {{Type: AWS::Serverless::Function, IgnoreGlobals: [Timeout], Properties: {{InlineCode: a, {BASE}}}}}
          All: {{Type: AWS::Serverless::Function, IgnoreGlobals: '*', Properties: {{InlineCode: a, {BASE}}}}}
    """)
    assert "Timeout" not in expansion.resources["One"]["Properties"]
    assert expansion.resources["One"]["Properties"]["MemorySize"] == 512
    assert "MemorySize" not in expansion.resources["All"]["Properties"]


def test_an_intrinsic_function_takes_the_place_of_a_global_map(same_as_aws):
    same_as_aws(f"""
        Globals: {{Function: {{Environment: {{Variables: {{A: b}}}}}}}}
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Properties: {{InlineCode: a, {BASE}, Environment: {{Variables: !If [C, {{A: c}}, {{}}]}}}}
    """)


def test_what_globals_may_not_hold_is_a_problem_and_the_rest_counts(template_of):
    expansion = expand(
        template_of(f"""
            Globals: {{Function: {{Timeout: 3, Events: {{}}, Role: r}}, Stack: {{}}, Api: text}}
            Resources:
              Fn: {{Type: AWS::Serverless::Function, IgnoreGlobals: [Nothing], Properties: {{InlineCode: a, {BASE}}}}}
        """),
        {},
    )
    assert expansion.resources["Fn"]["Properties"]["Timeout"] == 3
    assert [route for route, _message in expansion.problems] == [
        ("Globals", "Function", "Events"),
        ("Globals", "Function", "Role"),
        ("Globals", "Stack"),
        ("Globals", "Api"),
        ("Resources", "Fn", "IgnoreGlobals"),
    ]
