"""Reviews made by hand."""

from stackworthy.core.review import (
    BaselineRecord,
    DiagnosticRecord,
    FindingRecord,
    FixRecord,
    LocationRecord,
    MadeByRecord,
    NotAssessedCount,
    ResourceRecord,
    Review,
    SinceRecord,
    StackReview,
    StepRecord,
    Summary,
    SuppressionRecord,
    VerdictRecord,
)

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Memory: {Type: Number, Default: 128}
Resources:
  CardsFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: handler.cards
      MemorySize: !Ref Memory
      Environment:
        Variables:
          DB_PASSWORD: hunter2
          TABLE: cards
  DecksFunction:
    Type: AWS::Serverless::Function
    Properties: {Handler: handler.decks}
  Files:
    Type: AWS::S3::Bucket
"""

EXPLANATIONS = {
    "function-memory-too-low": "Lambda gives CPU in proportion to memory: a function with 128 MB waits for its processor.",
    "plain-text-secret": "Whoever may read the function's configuration reads the secret.",
    "tracing-off": "Without tracing, a slow request cannot be followed from service to service.",
    "no-budget": "Nobody is told when the bill grows.",
}


def reader(file):
    return TEMPLATE.splitlines() if file == "api/template.yaml" else None


def explain(rule):
    return EXPLANATIONS.get(rule, "")


def place(line, column, end, role="value", file="api/template.yaml"):
    return LocationRecord(file, line, column, line, end, role)


def finding(rule, address, severity="low", *, line=15, column=3, end=16, **over):
    values = {
        "id": f"{rule}-{address}",
        "rule": rule,
        "equivalents": ["CKV_AWS_50"],
        "address": address,
        "instances": [address],
        "property": "TracingConfig.Mode",
        "pillar": "operations",
        "severity": severity,
        "confidence": "high",
        "file": "api/template.yaml",
        "line": line,
        "column": column,
        "locations": [place(line, column, end)],
        "trail": [],
        "environments": [],
        "owner": None,
        "message": f"{address} is not traced",
        "evidence": {},
    }
    return FindingRecord(**{**values, **over})


def resource(address, line, type="AWS::Serverless::Function", kind="AWS::Lambda::Function", **over):
    return ResourceRecord(address, kind, type, "api/template.yaml", line, **over)


def review(**over):
    """One SAM stack with every part that a report can show, and one stack without a fault."""
    memory = finding(
        "function-memory-too-low",
        "CardsFunction",
        "medium",
        line=10,
        column=19,
        end=30,
        pillar="performance",
        message="MemorySize is 128, and the function waits for its processor",
        property="MemorySize",
        evidence={"actual": 128},
        trail=[
            StepRecord("!Ref Memory", "api/template.yaml", 10),
            StepRecord("Parameters.Memory", "api/template.yaml", 4, 2),
        ],
        environments=["dev"],
        owner="@org/cards",
        fix=FixRecord("unsafe", "a higher price per second", ["set MemorySize to 512"]),
        confidence="medium",
    )
    secret = finding(
        "plain-text-secret",
        "CardsFunction",
        "high",
        line=13,
        column=24,
        end=31,
        pillar="security",
        property="Environment.Variables.DB_PASSWORD",
        message="DB_PASSWORD is hunter2",
        evidence={"actual": "hunter2"},
        locations=[place(13, 24, 31), place(19, 11, 26, "the bucket that it opens")],
        fix=FixRecord("manual", steps=["move the value into Secrets Manager", "rotate it"]),
    )
    traced = [
        finding(
            "tracing-off",
            "DecksFunction",
            fix=FixRecord("safe", changes=["set TracingConfig.Mode to Active"]),
            instances=["DecksFunction", "DecksCopy"],
        ),
        finding(
            "tracing-off", "CardsFunction", line=6, column=3, end=16, message="CardsFunction is not traced"
        ),
        finding("tracing-off", "Files", line=18, column=3, end=8, message="nothing is traced here at all"),
    ]
    budget = finding(
        "no-budget",
        "",
        line=0,
        column=0,
        end=0,
        message="the stack has no budget",
        pillar="cost",
        locations=[],
    )
    ignored = finding(
        "bucket-without-lifecycle",
        "Files",
        line=18,
        suppressed=SuppressionRecord(
            "comment", "kept for ever by law", "api/template.yaml", 18, "2027-01-31"
        ),
    )
    api = StackReview(
        path="api/template.yaml",
        format="sam",
        environments=["dev", "prod"],
        resources=[
            resource("CardsFunction", 6),
            resource("DecksFunction", 15, when="IsProd"),
            resource(
                "CardsRole",
                6,
                "AWS::IAM::Role",
                "AWS::IAM::Role",
                made_by=MadeByRecord("CardsFunction", "Policies"),
            ),
            resource("Files", 18, "AWS::S3::Bucket", "AWS::S3::Bucket", present=True),
            resource("Gone", 18, "Custom::Thing", None, present=False),
        ],
        verdicts=[
            VerdictRecord("tracing-off", "DecksFunction", "fail"),
            VerdictRecord("tracing-off", "CardsFunction", "fail"),
            VerdictRecord("bucket-without-lifecycle", "Files", "suppressed", "kept for ever by law"),
            VerdictRecord(
                "plain-text-secret", "DecksFunction", "not-assessed", "Parameters.Stage has no value"
            ),
            VerdictRecord("plain-text-secret", "Files", "pass"),
        ],
        findings=[*traced, memory, secret, budget],
        suppressed=[ignored],
        diagnostics=[
            DiagnosticRecord(
                "api/template.yaml",
                4,
                "warning",
                "Parameters.Memory is never checked",
                "give it AllowedValues",
            )
        ],
    )
    clean = StackReview("web/template.yaml", "cloudformation", [], [], [], [], [], [])
    values = {
        "stacks": [api, clean],
        "diagnostics": [
            DiagnosticRecord(
                "broken.yaml", 3, "error", "is not valid YAML: a tab starts the line", "use blanks"
            )
        ],
        "summary": Summary(
            stacks=2,
            resources=4,
            unmapped={"Custom::Thing": 1},
            verdicts={"pass": 380, "fail": 6, "suppressed": 1, "not-assessed": 25},
            findings={"high": 1, "medium": 1, "low": 4},
            suppressed=1,
            fixes={"safe": 1, "unsafe": 1, "manual": 1},
            not_assessed=[
                NotAssessedCount("Parameters.Stage has no value (give it with --parameters Stage=…)", 21),
                NotAssessedCount("Files.Arn is known only after deployment", 4),
            ],
            errors=1,
            seconds=0.19,
        ),
    }
    return Review(**{**values, **over})


def compared():
    """The same review, held against a revision and a baseline: each knows one finding, and one is gone since."""
    made = review(
        since=SinceRecord("main", "0" * 40, 1, [finding("bucket-public", "OldFiles")]),
        baseline=BaselineRecord("known.json", 1, []),
    )
    made.stacks[0].suppressed += [
        finding("old-fault", f"Old{kind}", suppressed=SuppressionRecord(kind, "known"))
        for kind in ("revision", "baseline")
    ]
    made.summary.suppressed += 2
    return made
