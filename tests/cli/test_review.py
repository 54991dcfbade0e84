"""`stackworthy review`: options, outputs, exit codes."""

import io
import json
import os
import subprocess
import sys

import pytest
from tests.reports import fakes

from stackworthy import judge
from stackworthy.cli import main, progress, review
from stackworthy.core.review import DiagnosticRecord

TEMPLATE = """\
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "pass"}
      Role: arn:aws:iam::123456789012:role/worker
      TracingConfig:
        Mode: PassThrough
"""
PULL = """\
  Jobs:
    Type: AWS::SQS::Queue
  Pull:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}
"""


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the judge is asked; it answers with a review made by hand."""
    calls = []

    def answer(path, settings, progress, **_):
        calls.append(settings)
        return answer.review

    answer.review = fakes.review(root=str(tmp_path))
    calls_and_answer = (calls, answer)
    monkeypatch.setattr(judge, "review", answer)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api").mkdir()
    (tmp_path / "api/template.yaml").write_text(fakes.TEMPLATE)
    return calls_and_answer


def run(capsys, *arguments):
    code = main(["review", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [
        ([], 1),
        (["--fail-on", "critical"], 0),
        (["--fail-on", "high"], 1),
        (["--fail-on", "low"], 1),
        (["--fail-on", "never"], 0),
    ],
)
def test_the_exit_code_follows_the_worst_finding(asked, capsys, fail_on, code):
    assert run(capsys, *fail_on)[0] == code


def test_the_report_shows_lines_of_the_files_under_review(asked, capsys):
    _, out, _ = run(capsys)
    assert "    10 │     MemorySize: !Ref Memory" in out
    assert " 1 high · 1 medium · 4 low in 1 of 2 stacks" in out


def test_a_pipe_gets_no_colour(asked, capsys, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in run(capsys)[1]


def test_colour_can_be_forced_and_forbidden(asked, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in run(capsys)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(capsys)[1]


@pytest.mark.parametrize("columns", ["60", "150"])
def test_the_width_is_the_terminals(asked, capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    lines = run(capsys)[1].splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert max(map(len, lines)) > int(columns) - 45


def test_quiet_is_one_line_for_each_finding(asked, capsys):
    _, out, _ = run(capsys, "--quiet")
    assert len(out.splitlines()) == 6
    assert out.startswith("api/template.yaml:13:24: high plain-text-secret: ")


def test_json_and_sarif_are_printed(asked, capsys):
    assert json.loads(run(capsys, "--format", "json")[1])["schema"] == "stackworthy.review/1"
    assert json.loads(run(capsys, "--format", "sarif")[1])["version"] == "2.1.0"


def test_several_files_are_written_besides_the_printed_report(asked, capsys, tmp_path):
    arguments = ["-o", "a.json", "-o", "b.sarif", "-o", "c.txt", "-o", "sarif=d.out", "-o", "e.sarif.json"]
    code, out, _ = run(capsys, *arguments)
    assert code == 1
    assert "1 high · 1 medium" in out
    assert json.loads((tmp_path / "a.json").read_text())["schema"] == "stackworthy.review/1"
    for name in ("b.sarif", "d.out", "e.sarif.json"):
        assert json.loads((tmp_path / name).read_text())["version"] == "2.1.0"
    assert "1 high · 1 medium" in (tmp_path / "c.txt").read_text()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".stackworthy")]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.html", "<!DOCTYPE html>"),
        ("a.htm", "<!DOCTYPE html>"),
        ("a.md", "## stackworthy: 6 findings"),
        ("a.markdown", "## stackworthy: 6 findings"),
        ("a.xml", "<?xml version"),
        ("gl-code-quality-report.json", '[\n {\n  "description"'),
        ("gitlab=a", '[\n {\n  "description"'),
        ("github=a", "::error file=api/template.yaml,line=13"),
        ("html=a.json", "<!DOCTYPE html>"),
    ],
)
def test_the_ending_of_a_file_says_its_format(asked, capsys, tmp_path, name, begins):
    run(capsys, "-o", name)
    assert (tmp_path / name.rpartition("=")[2]).read_text().startswith(begins)


def test_every_format_is_printed(asked, capsys):
    for format in review.FORMATS:
        assert run(capsys, "--format", format)[1]


def test_only_the_page_loads_the_template_engine(tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    told = "import sys; from stackworthy.cli import main; main(sys.argv[1:]); print('jinja2' in sys.modules)"
    for format, loaded in (("text", "False"), ("json", "False"), ("sarif", "False"), ("html", "True")):
        arguments = ["review", str(tmp_path), "--format", format, "--no-cache"]
        done = subprocess.run(
            [sys.executable, "-c", told, *arguments], capture_output=True, text=True, check=False
        )
        assert done.stdout.splitlines()[-1] == loaded


def test_a_page_shows_the_picture_of_a_stack_with_relations(capsys, tmp_path, monkeypatch):
    (tmp_path / "template.yaml").write_text(TEMPLATE + PULL)
    monkeypatch.chdir(tmp_path)
    _, out, _ = run(capsys, "--format", "html", "--no-cache")
    assert "triggers" in out[out.index("<svg") : out.index("</svg>")]


def test_the_stack_in_the_root_itself_has_its_picture_too(capsys, tmp_path, monkeypatch):
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_sqs_queue" "jobs" {}
        resource "aws_lambda_function" "worker" { runtime = "python3.12" }
        resource "aws_lambda_event_source_mapping" "pull" {
          event_source_arn = aws_sqs_queue.jobs.arn
          function_name    = aws_lambda_function.worker.arn
        }
        """.replace("\n        ", "\n")
    )
    monkeypatch.chdir(tmp_path)
    _, out, _ = run(capsys, "--root", ".", "--format", "html", "--no-cache")
    assert ">worker</text>" in out[out.index("<svg") : out.index("</svg>")]


def test_a_file_without_an_ending_takes_the_format_that_is_asked_for(asked, capsys, tmp_path):
    run(capsys, "--format", "json", "-o", "report")
    assert json.loads((tmp_path / "report").read_text())["schema"] == "stackworthy.review/1"


def test_the_format_that_is_asked_for_goes_to_a_single_file(asked, capsys, tmp_path):
    _, out, _ = run(capsys, "--format", "sarif", "-o", "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["version"] == "2.1.0"
    assert "1 high · 1 medium" in out


def test_a_file_that_cannot_be_written_stays_as_it_was(asked, capsys, tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text("old")

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    code, _, err = run(capsys, "-o", "a.json")
    assert code == 2
    assert "a.json cannot be written: No space left on device" in err
    assert (tmp_path / "a.json").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["a.json", "api"]


def test_options_reach_the_judge(asked, capsys, tmp_path):
    (tmp_path / "prod.json").write_text("{}")
    (tmp_path / "prod.tfvars").write_text("")
    arguments = [
        "--only-format",
        "sam",
        "--only-format",
        "cdk",
        "--environment",
        "dev",
        "--environment",
        "prod=prod.json",
        "--parameters",
        "Stage=a=b",
        "--var",
        "size=3",
        "--var-file",
        "prod.tfvars",
        "--rule",
        "tracing-off",
        "--skip",
        "CKV_AWS_50",
        "--pillar",
        "cost",
        "--pillar",
        "security",
        "--profile",
        "strict",
        "--fail-on",
        "never",
        "--no-cache",
        "--max-findings",
        "3",
        "--all",
    ]
    assert run(capsys, *arguments)[0] == 0
    ((settings,), _) = asked
    assert settings.only_formats == ("sam", "cdk")
    assert [(entry.name, entry.parameter_files) for entry in settings.environments] == [
        ("dev", ()),
        ("prod", ("prod.json",)),
    ]
    assert settings.parameters == {"Stage": "a=b"}
    assert (settings.variables, settings.var_files) == ({"size": "3"}, ("prod.tfvars",))
    assert (settings.rules, settings.skip) == (("tracing-off",), ("CKV_AWS_50",))
    assert (settings.pillars, settings.profile, settings.fail_on) == (("cost", "security"), "strict", "never")


def test_the_settings_file_says_what_fails(asked, capsys, tmp_path):
    (tmp_path / "stackworthy.toml").write_text("fail_on = 'critical'")
    assert run(capsys)[0] == 0
    assert run(capsys, "--fail-on", "medium")[0] == 1


def test_findings_beyond_the_cap_are_counted(asked, capsys):
    _, out, _ = run(capsys, "--max-findings", "2")
    assert "plain-text-secret" in out
    assert "The 2 worst are shown above. All 6 findings by rule" in out


def test_nothing_found_below_the_path_is_bad_use(asked, capsys):
    asked[1].review.stacks = []
    code, _, err = run(capsys)
    assert code == 2
    assert "no stack found below ." in err


def test_stacks_of_which_none_could_be_read_are_no_clean_result(asked, capsys):
    stack = asked[1].review.stacks[1]
    stack.diagnostics = [DiagnosticRecord("web/template.yaml", 3, "error", "is not valid YAML")]
    asked[1].review.stacks = [stack]
    asked[1].review.summary.findings = {}
    assert run(capsys)[0] == 2


def test_a_template_is_reviewed_from_the_file_to_the_report(capsys, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/template.yaml").write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(capsys, "sub", "--rule", "CKV_AWS_50", "--fail-on", "low")
    assert code == 1
    assert "template.yaml   CloudFormation · 1 resource" in out
    assert "     8 │       Mode: PassThrough" in out
    code, out, _ = run(capsys, "sub/template.yaml", "--rule", "tracing-off", "--format", "json")
    (finding,) = json.loads(out)["stacks"][0]["findings"]
    assert (code, finding["file"], finding["line"], finding["rule"]) == (0, "template.yaml", 8, "tracing-off")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_appears_after_a_second_and_is_wiped(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = Terminal()
    with progress.Bar(stream=stream) as bar:
        bar(1, 10)
        assert stream.getvalue() == ""
        now[0] = 1.5
        bar(5, 10)
        assert "5 of 10 stacks" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_progress_is_for_terminals_only(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    with progress.Bar(stream=stream) as bar:
        now[0] = 5.0
        bar(5, 10)
    assert stream.getvalue() == ""
