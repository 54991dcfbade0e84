"""Reviews against git: which stacks a change touches, and which findings are new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.repositories import Repository, function

from stackworthy import judge
from stackworthy.config import Options, load, merge
from stackworthy.core.review import Review
from stackworthy.core.workspace import Unreadable

CODE = """\
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
"""
NESTING = (
    "Resources: {Part: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../parts/part.yaml}}}\n"
)
MODULE = 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n'
CALL = 'module "queue" {\n  source = "../../modules/queue"\n}\n'
ENVIRONMENT = '[environment.prod]\nvar_files = ["prod.tfvars"]\n'
TABLE = """\
variable "recovery" { default = true }
resource "aws_dynamodb_table" "users" {
  name     = "users"
  hash_key = "id"
  point_in_time_recovery { enabled = var.recovery }
}
"""
RULES = ("tracing-off", "recovery-off")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit(
        {
            "one/template.yaml": function("One"),
            "two/template.yaml": function("Two"),
            "code/template.yaml": CODE,
            "code/src/app.py": "def handler(event, context): pass\n",
            "nesting/template.yaml": NESTING,
            "parts/part.yaml": function("Part"),
            "roots/a/main.tf": CALL,
            "roots/b/main.tf": TABLE,
            "roots/b/stackworthy.toml": ENVIRONMENT,
            "roots/b/prod.tfvars": "recovery = true\n",
            "modules/queue/main.tf": MODULE,
        }
    )
    return made


def reviewed(
    repository: Repository, path: str = "", *, rules: tuple[str, ...] = RULES, **against: str
) -> Review:
    place = repository.folder / path
    settings = merge(load(place), Options(rules=rules))
    return judge.review(place, settings, against=judge.Against(**against))


def touched(repository: Repository, revision: str = "HEAD") -> list[str]:
    return [stack.path for stack in reviewed(repository, changed_since=revision).stacks]


def found(review: Review) -> list[tuple[str, str]]:
    return [(finding.rule, finding.address) for finding in review.findings]


def fixed(review: Review) -> list[tuple[str, str]]:
    assert review.since is not None
    return [(finding.rule, finding.address) for finding in review.since.fixed]


class TestChangedSince:
    def test_nothing_changed_touches_nothing(self, repository):
        assert touched(repository) == []

    @pytest.mark.parametrize(
        ("path", "text", "stacks"),
        [
            ("one/template.yaml", function("One", "PassThrough"), ["one/template.yaml"]),
            ("parts/part.yaml", function("Other"), ["nesting/template.yaml"]),
            ("parts/part.yaml", None, ["nesting/template.yaml"]),
            ("modules/queue/main.tf", MODULE + "# more\n", ["roots/a"]),
            ("modules/queue/more.tf", MODULE.replace("jobs", "more"), ["roots/a"]),
            ("roots/b/prod.tfvars", "recovery = false\n", ["roots/b"]),
            ("roots/b/terraform.tfvars", "recovery = false\n", ["roots/b"]),
            ("code/src/app.py", "def handler(event, context): return 1\n", ["code/template.yaml"]),
            ("code/src/deep/new.py", "", ["code/template.yaml"]),
            ("README.md", "read me\n", []),
            ("three/template.yaml", function("Three"), ["three/template.yaml"]),
            ("one/stackworthy.toml", 'profile = "strict"\n', ["one/template.yaml"]),
        ],
    )
    def test_a_change_touches_the_stacks_that_read_it(self, repository, path, text, stacks):
        repository.write({path: text})
        assert touched(repository) == stacks
        repository.commit()
        assert touched(repository, "HEAD~1") == stacks
        assert touched(repository) == []

    def test_a_change_of_the_settings_touches_everything_below(self, repository):
        repository.commit({"roots/stackworthy.toml": 'fail_on = "low"\n'})
        assert touched(repository, "HEAD~1") == ["roots/a"]
        repository.commit({"stackworthy.toml": 'extends = "base.toml"\n', "base.toml": 'fail_on = "low"\n'})
        repository.commit({"base.toml": 'fail_on = "high"\n'})
        assert len(touched(repository, "HEAD~1")) == 6

    def test_a_renamed_module_file_touches_its_callers(self, repository):
        repository.git("mv", "modules/queue/main.tf", "modules/queue/queue.tf")
        assert touched(repository) == ["roots/a"]

    def test_a_linked_folder_is_followed(self, repository):
        (repository.folder / "linked").symlink_to("modules")
        repository.commit({"roots/c/main.tf": CALL.replace("modules", "linked")})
        repository.write({"modules/queue/main.tf": MODULE + "# more\n"})
        assert touched(repository) == ["roots/a", "roots/c"]

    def test_what_the_other_branch_did_meanwhile_touches_nothing(self, repository):
        repository.git("checkout", "-q", "-b", "mine")
        repository.commit({"one/template.yaml": function("Mine")})
        repository.git("checkout", "-q", "main")
        repository.commit({"two/template.yaml": function("Theirs")})
        repository.git("checkout", "-q", "mine")
        assert touched(repository, "main") == ["one/template.yaml"]

    def test_a_range_compares_its_two_ends_only(self, repository):
        repository.commit({"one/template.yaml": function("Mine")})
        repository.commit({"two/template.yaml": function("Mine")})
        repository.write({"code/src/app.py": ""})
        assert touched(repository, "HEAD~2..HEAD~1") == ["one/template.yaml"]
        assert touched(repository, "HEAD~2...HEAD") == ["one/template.yaml", "two/template.yaml"]

    def test_a_part_of_the_repository_is_reviewed_by_paths_of_its_own(self, repository):
        repository.write({"two/template.yaml": function("Mine")})
        review = reviewed(repository, "two", changed_since="HEAD")
        assert [stack.path for stack in review.stacks] == ["template.yaml"]

    def test_a_root_below_the_work_tree_has_paths_of_its_own(self, repository):
        repository.write({"two/template.yaml": function("Mine"), "one/template.yaml": function("Mine")})
        settings = load(repository.folder / "two", root=str(repository.folder / "two"))
        review = judge.review(
            repository.folder / "two", settings, against=judge.Against(changed_since="HEAD")
        )
        assert [stack.path for stack in review.stacks] == ["template.yaml"]

    @pytest.mark.parametrize("revision", ["nowhere", "--help", "nowhere..HEAD", "HEAD..nowhere"])
    def test_what_is_no_revision_is_refused(self, repository, revision):
        with pytest.raises(Unreadable, match="no revision that this clone has"):
            touched(repository, revision)

    def test_outside_of_a_repository_it_is_refused(self, tmp_path):
        (tmp_path / "template.yaml").write_text(function())
        with pytest.raises(Unreadable, match="not a git repository"):
            judge.review(tmp_path, load(tmp_path), against=judge.Against(changed_since="HEAD"))


class TestNewSince:
    def test_only_what_the_revision_had_not_is_a_finding(self, repository):
        repository.commit({"one/template.yaml": function("One", "PassThrough")})
        repository.write({"two/template.yaml": function("Two", "PassThrough")})
        review = reviewed(repository, new_since="HEAD")
        assert found(review) == [("tracing-off", "Two")]
        assert review.since is not None
        assert (review.since.known, review.since.revision) == (2, "HEAD")
        assert sum(review.summary.findings.values()) == 1
        kinds = [finding.suppressed.kind for stack in review.stacks for finding in stack.suppressed]
        assert kinds == ["revision"] * 2

    def test_what_is_gone_is_fixed(self, repository):
        repository.commit({"one/template.yaml": function("One", "PassThrough")})
        repository.write({"one/template.yaml": function("One")})
        review = reviewed(repository, new_since="HEAD")
        assert found(review) == []
        assert fixed(review) == [("tracing-off", "One")]

    def test_the_line_does_not_matter(self, repository):
        repository.commit({"one/template.yaml": function("One", "PassThrough")})
        repository.write({"one/template.yaml": "# a line\n" * 9 + function("One", "PassThrough")})
        review = reviewed(repository, new_since="HEAD")
        assert (found(review), fixed(review)) == ([], [])

    def test_a_fault_in_a_shared_module_is_new_where_it_is_called(self, repository):
        repository.write({"modules/queue/main.tf": MODULE + TABLE.replace("true", "false")})
        review = reviewed(repository, new_since="HEAD")
        assert found(review) == [("recovery-off", "module.queue.aws_dynamodb_table.users")]

    def test_a_moved_stack_keeps_what_it_had(self, repository):
        repository.commit({"one/template.yaml": function("One", "PassThrough")})
        repository.git("mv", "one", "moved")
        review = reviewed(repository, new_since="HEAD")
        assert (found(review), fixed(review)) == ([], [])

    def test_a_moved_root_keeps_what_it_had(self, repository):
        repository.commit({"roots/b/main.tf": TABLE.replace("true", "false"), "roots/b/prod.tfvars": ""})
        repository.git("mv", "roots/b", "roots/moved")
        review = reviewed(repository, new_since="HEAD")
        assert (found(review), fixed(review)) == ([], [])

    def test_what_a_deleted_stack_had_is_fixed(self, repository):
        repository.commit({"one/template.yaml": function("One", "PassThrough")})
        repository.write({"one/template.yaml": None})
        assert fixed(reviewed(repository, new_since="HEAD")) == [("tracing-off", "One")]

    def test_a_suppression_that_is_taken_away_brings_the_finding_back(self, repository):
        faulty = function("One", "PassThrough")
        silent = faulty.replace("  One:", "  # stackworthy: ignore[tracing-off] not ours\n  One:")
        repository.commit({"one/template.yaml": silent})
        repository.write({"one/template.yaml": faulty})
        assert found(reviewed(repository, new_since="HEAD")) == [("tracing-off", "One")]
        repository.commit()
        repository.write({"one/template.yaml": silent})
        review = reviewed(repository, new_since="HEAD")
        assert (found(review), fixed(review)) == ([], [])

    def test_each_revision_is_judged_with_its_own_settings(self, repository):
        repository.commit({"one/template.yaml": function("One", "PassThrough")})
        repository.commit({"stackworthy.toml": 'skip = ["tracing-off"]\n'})
        repository.write({"stackworthy.toml": ""})
        assert ("tracing-off", "One") in found(reviewed(repository, rules=(), new_since="HEAD"))

    def test_only_stacks_that_differ_are_judged_twice(self, repository, monkeypatch):
        judged: list[str] = []
        real = judge.judged

        def counted(workspace: Any, stack: Any, *rest: Any) -> Any:
            judged.append(stack.path)
            return real(workspace, stack, *rest)

        monkeypatch.setattr(judge, "judged", counted)
        repository.write({"modules/queue/main.tf": MODULE + "# more\n"})
        reviewed(repository, new_since="HEAD")
        assert {path for path in judged if judged.count(path) == 2} == {"roots/a"}
        assert len(judged) == 7

    def test_an_installed_module_is_the_same_at_both_revisions(self, repository):
        repository.commit(
            {
                ".gitignore": ".terraform/\n",
                "roots/a/main.tf": 'module "users" {\n  source = "example/users/aws"\n}\n',
                "one/template.yaml": function("One"),
            }
        )
        manifest = '{"Modules": [{"Key": "users", "Source": "example/users/aws", "Dir": ".terraform/modules/users"}]}'
        repository.write(
            {
                "roots/a/.terraform/modules/modules.json": manifest,
                "roots/a/.terraform/modules/users/main.tf": TABLE.replace("true", "false"),
            }
        )
        plain = found(reviewed(repository))
        assert ("recovery-off", "module.users.aws_dynamodb_table.users") in plain
        assert found(reviewed(repository, new_since="HEAD")) == []

    def test_files_that_git_stores_as_links_are_followed(self, repository):
        (repository.folder / "one/linked.yaml").symlink_to("../two/template.yaml")
        repository.commit({"two/template.yaml": function("Two", "PassThrough")})
        repository.write({"one/more.yaml": function("More")})
        assert found(reviewed(repository, new_since="HEAD")) == []

    def test_a_range_is_no_revision_to_compare_with(self, repository):
        with pytest.raises(Unreadable, match="is a range"):
            reviewed(repository, new_since="HEAD~1..HEAD")

    def test_no_filter_of_the_repository_runs(self, repository, tmp_path):
        """What a tree brings along (attributes) may name a driver; only git's own configuration could define one."""
        repository.commit({".gitattributes": "*.yaml diff=evil filter=evil\n"})
        repository.git("config", "diff.evil.textconv", f"touch {tmp_path}/ran; cat")
        repository.git("config", "diff.external", f"touch {tmp_path}/ran; true")
        repository.write({"one/template.yaml": function("One", "PassThrough")})
        assert found(reviewed(repository, new_since="HEAD")) == [("tracing-off", "One")]
        assert not (tmp_path / "ran").exists()

    def test_a_large_tree_is_compared_by_two_processes(self, tmp_path):
        repository = Repository(tmp_path / "many")
        repository.commit({f"{n}/template.yaml": function(f"F{n}", "PassThrough") for n in range(80)})
        repository.write({f"{n}/template.yaml": function(f"F{n}", "Off") for n in range(80)})
        review = reviewed(repository, new_since="HEAD")
        assert review.since is not None
        assert (found(review), review.since.known) == ([], 80)
