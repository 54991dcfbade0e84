"""Settings: what stackworthy.toml may say, how errors are told, and how options lie over it."""

import textwrap

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from stackworthy.config import ConfigError, Options, Settings, closest, load, merge
from stackworthy.config_file import ENVIRONMENT, KEYS, PATHS, POLICY
from stackworthy.core.workspace import Disk


@pytest.fixture
def write(tmp_path):
    """Write files below a root that is a git work tree."""
    (tmp_path / ".git").mkdir()

    def put(text, name="stackworthy.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return tmp_path

    return put


def failure(folder):
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return caught.value


FULL = """
    profile = "strict"
    fail_on = "medium"
    rules = ["one"]
    skip = ["two"]
    pillars = ["security", "cost"]
    only_formats = ["sam"]
    var_files = ["common.tfvars"]

    [parameters]
    Stage = "dev"
    Retention = 30
    Traced = true
    Subnets = ["a", "b"]

    [variables]
    zones = ["a", "b"]

    [environment.prod]
    parameters = { Stage = "prod" }
    parameter_files = ["prod.json"]
    samconfig = "production"
    variables = { size = 3 }
    var_files = ["prod.tfvars"]
    workspace = "prod"
    region = "eu-central-1"
    profile = "recommended"
    severity_cap = "high"

    [environment.dev]

    [policy]
    required_tags = ["owner"]
    allowed_regions = ["eu-*"]
    allowed_runtimes = ["python3.13"]
    allowed_models = ["anthropic.*"]

    [policy.severity]
    tracing-off = "high"

    [policy.paths."tests/**"]
    skip = true

    [policy.paths."legacy/"]
    skip_rules = ["tracing-off"]
    severity_cap = "low"
    profile = "recommended"
"""


def test_every_key_arrives(write):
    loaded = load(write(FULL, "infra/stackworthy.toml") / "infra")
    assert loaded.file == "infra/stackworthy.toml"
    assert (loaded.profile, loaded.fail_on, loaded.rules, loaded.skip) == (
        "strict",
        "medium",
        ("one",),
        ("two",),
    )
    assert (loaded.pillars, loaded.only_formats) == (("security", "cost"), ("sam",))
    assert loaded.var_files == ("infra/common.tfvars",)
    assert loaded.parameters == {"Stage": "dev", "Retention": "30", "Traced": "true", "Subnets": "a,b"}
    assert loaded.variables == {"zones": ["a", "b"]}
    prod, dev = loaded.environments
    assert (prod.name, prod.parameters, prod.parameter_files) == (
        "prod",
        {"Stage": "prod"},
        ("infra/prod.json",),
    )
    assert (prod.samconfig, prod.variables, prod.var_files) == (
        "production",
        {"size": 3},
        ("infra/prod.tfvars",),
    )
    assert (prod.workspace, prod.region) == ("prod", "eu-central-1")
    assert (prod.profile, prod.severity_cap) == ("recommended", "high")
    assert (dev.name, dev.samconfig) == ("dev", "dev")
    policy = loaded.policy
    assert (policy.required_tags, policy.allowed_regions) == (("owner",), ("eu-*",))
    assert (policy.allowed_runtimes, policy.allowed_models) == (("python3.13",), ("anthropic.*",))
    assert policy.severity == {"tracing-off": "high"}
    assert [entry.glob for entry in policy.paths] == ["infra/tests/**", "infra/**/legacy/"]


def test_overrides_hold_for_the_files_that_their_pattern_names(write):
    loaded = load(write(FULL))
    skipped, legacy = loaded.override("tests/a/t.yaml"), loaded.override("old/legacy/t.yaml")
    assert skipped is not None
    assert skipped.skip
    assert legacy is not None
    assert (legacy.skip, legacy.skip_rules, legacy.severity_cap) == (False, ("tracing-off",), "low")
    assert loaded.override("src/t.yaml") is None


def test_overrides_of_several_patterns_add_up_and_the_later_wins(write):
    loaded = load(
        write(
            """
            [policy.paths."*.yaml"]
            skip_rules = ["one"]
            severity_cap = "medium"
            [policy.paths."tests/**"]
            skip_rules = ["two"]
            severity_cap = "low"
            """
        )
    )
    both = loaded.override("tests/t.yaml")
    assert both is not None
    assert (both.skip_rules, both.severity_cap) == (("one", "two"), "low")


def test_without_a_file_the_defaults_hold(write):
    folder = write("", "other.txt")
    assert load(folder) == Settings(root=str(folder))


def test_the_nearest_file_up_to_the_root_counts(write):
    folder = write("fail_on = 'low'")
    (folder / "a/b").mkdir(parents=True)
    assert load(folder / "a/b").fail_on == "low"
    write("fail_on = 'never'", "a/stackworthy.toml")
    assert load(folder / "a/b").fail_on == "never"


def test_a_file_above_the_root_does_not_count(write):
    folder = write("fail_on = 'low'")
    (folder / "a").mkdir()
    assert load(folder / "a", root=str(folder / "a")).fail_on == "high"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("profle = 'strict'", 1, "unknown key 'profle'", "did you mean 'profile'?"),
        ("\nfail-on = 'high'", 2, "unknown key 'fail-on'", "did you mean 'fail_on'?"),
        ("zzz = 1", 1, "unknown key 'zzz'", "known here: extends, profile"),
        ("profile = 'strikt'", 1, "profile cannot be 'strikt'", "did you mean 'strict'?"),
        ("fail_on = 3", 1, "fail_on must be a string, not a number", ""),
        ("pillars = 'cost'", 1, "pillars must be a list of strings, not a string", ""),
        ("pillars = ['cost', 'wealth']", 1, "pillars cannot be 'wealth'", "one of security"),
        ("[environment]\nprod = 3", 2, "environment.prod must be a table, not a number", ""),
        ("[environment.prod]\nx = 1\n", 2, "unknown key 'x' in [environment.prod]", "known here: parameters"),
        ("[environment.prod]\n\nvar-files = []", 3, "unknown key 'var-files'", "did you mean 'var_files'?"),
        (
            "[policy.severity]\na = 'low'\nb = 'hihg'",
            3,
            "policy.severity.b cannot be 'hihg'",
            "did you mean 'high'?",
        ),
        (
            "[policy.paths.'x/**']\nskip = 'yes'",
            2,
            "policy.paths.x/**.skip must be true or false, not a string",
            "",
        ),
        ("[[policy]]\n", 1, "policy must be a table, not a list", ""),
        ("[parameters]\na = 1\nb = 2020-01-01", 3, "parameters.b must be a string, number", ""),
        ("var_files = ['../../x.tfvars']", 1, "leads out of the reviewed root", "wider --root"),
        ("var_files = ['/etc/passwd']", 1, "is an absolute path", "relative to stackworthy.toml"),
        ("a = \n", 1, "is not valid TOML: Invalid value", "toml.io"),
        ("a = 'x", 1, "is not valid TOML", "toml.io"),
        ("a = '''\nb = 1\n'''\nprofile = 1", 1, "unknown key 'a'", ""),
        ("skip = ['''\nprofile = 1\n''']\nprofile = 1", 4, "profile must be a string", ""),
        ("x = " + "[" * 5000, 0, "is nested too deeply", ""),
    ],
)
def test_an_error_names_the_line_and_what_was_meant(write, text, line, message, hint):
    folder = write("", ".keep")
    (folder / "stackworthy.toml").write_text(text)
    error = failure(folder)
    assert (error.file, error.line) == ("stackworthy.toml", line)
    assert message in error.message
    assert hint in error.hint


def test_a_file_that_is_no_utf8_says_where(write):
    folder = write("", ".keep")
    (folder / "stackworthy.toml").write_bytes(b"profile = 'strict'\nskip = ['\xff']")
    error = failure(folder)
    assert (error.line, error.message) == (2, "is not UTF-8")


def test_a_byte_order_mark_does_no_harm(write):
    folder = write("", ".keep")
    (folder / "stackworthy.toml").write_bytes(b"\xef\xbb\xbfprofile = 'strict'\n")
    assert load(folder).profile == "strict"


def test_an_oversized_file_is_refused(write):
    assert "is larger than" in failure(write("#" * 300_000)).message


def test_a_file_lies_over_the_one_it_extends(write):
    write(
        """
        profile = "strict"
        skip = ["a"]
        [environment.prod]
        var_files = ["prod.tfvars"]
        region = "eu-west-1"
        [policy.severity]
        x = "low"
        y = "low"
        """,
        "shared/base.toml",
    )
    folder = write(
        """
        extends = "../shared/base.toml"
        skip = ["b"]
        [environment.prod]
        region = "us-east-1"
        [policy.severity]
        y = "high"
        """,
        "api/stackworthy.toml",
    )
    loaded = load(folder / "api")
    (prod,) = loaded.environments
    assert (loaded.profile, loaded.skip) == ("strict", ("b",))
    assert (prod.var_files, prod.region) == (("shared/prod.tfvars",), "us-east-1")
    assert loaded.policy.severity == {"x": "low", "y": "high"}


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("../outside.toml", "leads out of the reviewed root"),
        ("missing.toml", "missing.toml does not exist"),
        ("stackworthy.toml", "stackworthy.toml extends itself"),
    ],
)
def test_what_cannot_be_extended_is_said_at_the_line(write, extends, message):
    error = failure(write(f"profile = 'strict'\nextends = '{extends}'"))
    assert (error.file, error.line) == ("stackworthy.toml", 2)
    assert message in error.message


def test_a_link_out_of_the_root_is_not_followed(write, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "base.toml"
    outside.write_text("profile = 'strict'")
    folder = write("extends = 'base.toml'")
    (folder / "base.toml").symlink_to(outside)
    assert "leads out of the reviewed root" in failure(folder).message


def test_options_lie_over_the_file(write):
    loaded = load(write(FULL))
    merged = merge(
        loaded,
        Options(
            fail_on="never", rules=("x",), skip=("y",), parameters={"Stage": "test"}, variables={"size": "1"}
        ),
    )
    assert (merged.fail_on, merged.profile) == ("never", "strict")
    assert (merged.rules, merged.skip) == (("x",), ("two", "y"))
    assert (merged.parameters["Stage"], merged.parameters["Retention"]) == ("test", "30")
    assert merged.variables == {"zones": ["a", "b"], "size": "1"}


def test_no_options_change_nothing(write):
    loaded = load(write(FULL))
    assert merge(loaded, Options()) == loaded


def test_named_environments_are_the_only_ones_and_files_are_sorted_by_their_form(write, monkeypatch):
    folder = write(FULL)
    write("", "x.tfvars")
    write("{}", "x.json")
    monkeypatch.chdir(folder)
    loaded = merge(
        load(folder), Options(environments=(("prod", "x.tfvars"), ("prod", "x.json"), ("staging", None)))
    )
    prod, staging = loaded.environments
    assert (prod.var_files, prod.parameter_files) == (("prod.tfvars", "x.tfvars"), ("prod.json", "x.json"))
    assert (staging.name, staging.samconfig) == ("staging", "staging")


@pytest.mark.parametrize(
    ("name", "file", "message"),
    [
        ("prdo", None, "there is no environment 'prdo'"),
        ("prod", "missing.json", "missing.json is not a file"),
        ("prod", "/etc/passwd", "/etc/passwd is not below the root"),
    ],
)
def test_an_environment_that_cannot_be_is_refused(write, monkeypatch, name, file, message):
    folder = write(FULL)
    monkeypatch.chdir(folder)
    with pytest.raises(ConfigError, match=message):
        merge(load(folder), Options(environments=((name, file),)))


def test_a_nearer_file_counts_for_its_stack_and_the_options_stay_above_it(write):
    folder = write("profile = 'strict'\nfail_on = 'low'")
    write("fail_on = 'medium'", "api/stackworthy.toml")
    loaded = merge(load(folder), Options(profile="recommended"))
    disk = Disk(folder)
    assert closest(loaded, "web", disk) is loaded
    nearer = closest(loaded, "api/src", disk)
    assert (nearer.fail_on, nearer.profile) == ("medium", "recommended")


@pytest.mark.parametrize(
    ("wanted", "format", "read"),
    [
        ((), "cdk", True),
        (("cloudformation",), "sam", True),
        (("sam",), "cloudformation", False),
        (("cdk",), "cdk", True),
    ],
)
def test_asking_for_cloudformation_asks_for_sam_too(wanted, format, read):
    assert Settings(only_formats=wanted).reads(format) is read


WRITTEN = """environment.prod policy.paths.'x/**' [ ] [[ ]] { } = . , " ''' 1 -1.5 true 'a' ['a','b'] {a=1} 2020-01-01 # \\ é
    '../../x' 'strict' 'high'"""
PIECES = st.sampled_from([*KEYS, *ENVIRONMENT, *POLICY, *PATHS, *WRITTEN.split(), "\n", " ", "\x00"])


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=80))
@tried(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_file_it_loads_or_is_refused_with_a_line(tmp_path, text):
    (tmp_path / "stackworthy.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        loaded = load(tmp_path, root=str(tmp_path))
    except ConfigError as error:
        assert 0 <= error.line <= text.count("\n") + 2
        assert error.message
    else:
        assert loaded.file == "stackworthy.toml"


def test_a_name_of_very_many_parts_is_refused_at_once_with_its_line(tmp_path):
    (tmp_path / "stackworthy.toml").write_text("# ours\n" + ".".join("a" * 100_000) + " = 1\n")
    with pytest.raises(ConfigError, match="more than 100 parts") as caught:
        load(tmp_path, root=str(tmp_path))
    assert caught.value.line == 2
