"""The command line as a whole: start, help, errors."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import stackworthy
from stackworthy import judge
from stackworthy.cli import main
from stackworthy.cli.app import COMMANDS


def run(capsys, *arguments):
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def imported(*statements):
    """The modules that are imported once these statements have run in a fresh interpreter."""
    program = "; ".join(["import sys", *statements, "print(*sys.modules, file=sys.stderr)"])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_the_version_is_told_before_anything_heavy_is_imported():
    modules = imported("from stackworthy.cli import main", "main(['--version'])")
    assert (
        not {"click", "msgspec", "yaml", "dataclasses", "re", "stackworthy.judge", "stackworthy.core"}
        & modules
    )


def test_importing_the_package_imports_nothing_heavy():
    assert not {"click", "msgspec", "yaml", "dataclasses", "stackworthy.judge"} & imported(
        "import stackworthy"
    )


def test_help_imports_no_command():
    modules = imported("from stackworthy.cli import main", "main(['--help'])")
    assert not {f"stackworthy.cli.{name}" for name in COMMANDS} & modules
    assert not {"yaml", "stackworthy.judge"} & modules


def test_the_list_of_rules_needs_no_reader():
    assert not {"yaml", "stackworthy.judge"} & imported("from stackworthy.cli import main", "main(['rules'])")


def test_the_version_is_that_of_the_package(capsys):
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert stackworthy.__version__ == pyproject["project"]["version"]
    assert run(capsys, "--version") == (0, f"stackworthy {stackworthy.__version__}\n", "")
    assert run(capsys, "-V")[1] == f"stackworthy {stackworthy.__version__}\n"


def test_the_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "stackworthy", "nothing"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no command 'nothing'" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(capsys, command):
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert f"Usage: stackworthy {command}" in out
    assert f"Examples:\n    stackworthy {command}" in out


def test_help_lists_every_command_and_an_example(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(f"  {name} " in out and line in out for name, line in COMMANDS.items())
    assert "stackworthy explain CKV_AWS_50" in out


def test_without_arguments_help_is_shown_and_the_use_was_bad(capsys):
    code, out, _ = run(capsys)
    assert code == 2
    assert out.startswith("Usage: stackworthy")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["revew"], "there is no command 'revew'", "did you mean stackworthy review?"),
        (["xyz"], "there is no command 'xyz'", "stackworthy --help lists them"),
        (["review", "--fale-on", "low"], "No such option", "stackworthy review --help"),
        (["review", "missing-folder"], "does not exist", "stackworthy review --help"),
        (["review", "--format", "pdf"], "'pdf' is not one of", "stackworthy review --help"),
        (["review", "--parameters", "Stage"], "'Stage' is not KEY=VALUE", ""),
        (["review", "--environment", "prod="], "'prod=' is not NAME or NAME=FILE", ""),
        (["review", "--rule", "tracng-off"], "there is no rule 'tracng-off'", "did you mean tracing-off?"),
        (["review", "--skip", "nonsense"], "there is no rule 'nonsense'", "stackworthy rules lists them"),
        (["review", "-o", "review.pdf"], "does not say its format", "html=review.pdf"),
        (["review", "-o", "no/such/folder/a.json"], "there is no folder", "make the folder first"),
        (["explain", "tracng-off"], "there is no rule 'tracng-off'", "did you mean tracing-off?"),
        (["explain", "ckv_aws_5O"], "there is no rule 'ckv_aws_5O'", "did you mean CKV_"),
    ],
)
def test_bad_use_is_told_in_a_line_with_the_way_out(capsys, tmp_path, monkeypatch, arguments, message, hint):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert hint in err
    assert "Traceback" not in err


def test_a_broken_settings_file_is_told_with_its_line(capsys, tmp_path):
    (tmp_path / "stackworthy.toml").write_text("\nprofle = 'strict'\n")
    code, _, err = run(capsys, "review", str(tmp_path))
    assert code == 2
    assert err == "stackworthy: stackworthy.toml:2: unknown key 'profle'\n  did you mean 'profile'?\n"


def explode(*_, **__):
    raise ZeroDivisionError("the \x1b[31mworst\nof all")


def test_the_unexpected_ends_in_a_line_without_a_stack_trace(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "review", explode)
    monkeypatch.delenv("STACKWORTHY_DEBUG", raising=False)
    code, out, err = run(capsys, "review", str(tmp_path))
    assert (code, out) == (2, "")
    assert err.startswith("stackworthy: unexpected ZeroDivisionError: the �[31mworst of all\n")
    assert "STACKWORTHY_DEBUG=1" in err


def test_the_unexpected_shows_where_it_happened_when_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "review", explode)
    monkeypatch.setenv("STACKWORTHY_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["review", str(tmp_path)])


def test_a_stop_is_no_error(capsys, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(judge, "review", stop)
    assert run(capsys, "review", str(tmp_path))[0] == 130


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    command = f"{sys.executable} -m stackworthy rules --format json | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_terminal_without_unicode_gets_plain_characters():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "stackworthy", "explain", "tracing-off"],
        capture_output=True,
        env=environment,
        check=True,
    )
    assert done.stdout.isascii()
    assert b"low - operations" in done.stdout
