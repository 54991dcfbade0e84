"""Reviews in which every word that a stranger can write is an attack on the format that shows it."""

from hypothesis import settings
from hypothesis import strategies as st
from tests.reports import fakes

from stackworthy.core.review import (
    DiagnosticRecord,
    FixRecord,
    NotAssessedCount,
    StackReview,
    StepRecord,
    SuppressionRecord,
    VerdictRecord,
)

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</details></td></table>",
    "</style><b>",
    "{{ 7*7 }}{% raw %}",
    '"><a href="javascript:alert(1)">x</a>',
    "[words](https://example.com)",
    "![](https://example.com/x.png)",
    "`code` ``more`` ```",
    "~~~\n# heading\n| a | b |\n|---|---|",
    "*bold* _slanted_ ~gone~",
    "@everybody #12 www.example.com https://example.com",
    "::error file=x,line=1::told",
    "\n::stop-commands::x",
    "##[error]told",
    "%0A%25, a:b",
    "]]>",
    "<![CDATA[",
    "&amp; &lt; &#60;",
    "a\r\nb\tc\u2028d\u202ee",
    "\x1b[31mred\x00\x07",
    "- item\n1. one\n> quote",
    "\\| a \\\\| b",
    "name_with_underscores-and.dots/and:colons",
    "日本語 🙂",
)
texts = st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=20)), min_size=1, max_size=4).map(
    "".join
)

attacked = settings(deadline=None)
"""How long one example takes says nothing on a busy machine."""


def review(text):
    """A review that says `text` wherever it can."""
    one = fakes.finding(
        "tracing-off",
        f"Fn{text}",
        "high",
        file=f"api/{text}",
        message=f"{text} is not traced",
        property=text,
        locations=[fakes.place(1, 1, 3, text, file=f"api/{text}"), fakes.place(2, 1, 3, text)],
        trail=[StepRecord(text, text, 3)],
        environments=[text],
        owner=text,
        evidence={"actual": text},
        instances=[f"Fn{text}", text],
        confidence="medium",
        fix=FixRecord("unsafe", text, [f"set {text} of x to {text}"], [text]),
    )
    ignored = fakes.finding(
        "plain-text-secret", text, suppressed=SuppressionRecord("comment", text, text, 1, text)
    )
    stack = StackReview(
        path=f"api/{text}",
        format="sam",
        environments=[text, "other"],
        resources=[fakes.resource(f"Fn{text}", 1)],
        verdicts=[
            VerdictRecord("tracing-off", f"Fn{text}", "fail"),
            VerdictRecord("plain-text-secret", text, "suppressed", text),
            VerdictRecord("no-budget", text, "not-assessed", text),
        ],
        findings=[one, fakes.finding("tracing-off", f"Fn2{text}", "high", message=text)],
        suppressed=[ignored],
        diagnostics=[DiagnosticRecord(text, 1, "error", text, text)],
    )
    made = fakes.review(stacks=[stack], diagnostics=[DiagnosticRecord(text, 0, "warning", text, text)])
    made.summary.not_assessed = [NotAssessedCount(text, 3)]
    return made


def reader(text):
    """Files that hold the text."""
    return lambda _: [text.replace("\n", " "), "second"]
