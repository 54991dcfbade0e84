"""Reading bytes: the disk, an overlay, a git revision; and never outside the root."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackworthy.core.workspace import Disk, Overlay, Revision, Unreadable, find_root, inside


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "root"
    (root / "app" / "node_modules").mkdir(parents=True)
    (root / "template.yaml").write_text("Resources: {}\n")
    (root / "app" / "handler.py").write_text("pass\n")
    (root / "app" / "node_modules" / "x.yaml").write_text("")
    (tmp_path / "secret.txt").write_text("secret")
    return root


@given(st.text("./\\a", max_size=12))
def test_no_spelling_of_a_path_leads_out_of_the_root(path):
    try:
        assert inside(path).split("/")[0] not in ("..", "") or not inside(path)
    except Unreadable as error:
        assert "leads out" in error.message


class TestDisk:
    def test_it_lists_files_sorted_and_leaves_out_what_package_managers_made(self, folder):
        assert list(Disk(folder).files()) == ["template.yaml", "app/handler.py"]

    def test_it_reads_files_below_the_root(self, folder):
        assert Disk(folder).read("app/../template.yaml") == b"Resources: {}\n"

    @pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "app/../../secret.txt"])
    def test_it_refuses_paths_that_lead_out_of_the_root(self, folder, path):
        with pytest.raises(Unreadable, match="leads out"):
            Disk(folder).read(path)

    def test_it_refuses_links_that_lead_out_of_the_root(self, folder):
        (folder / "link.yaml").symlink_to("../secret.txt")
        with pytest.raises(Unreadable, match="link that leads out"):
            Disk(folder).read("link.yaml")
        assert not Disk(folder).exists("link.yaml")

    def test_loops_of_links_end_in_an_error_and_are_not_walked(self, folder):
        (folder / "loop").symlink_to("loop")
        (folder / "app" / "up").symlink_to("..")
        assert "app/up/template.yaml" not in list(Disk(folder).files())
        with pytest.raises(Unreadable):
            Disk(folder).read("loop")

    def test_it_refuses_files_beyond_its_limit_and_names_the_size(self, folder):
        with pytest.raises(Unreadable, match="more than"):
            Disk(folder, max_bytes=5).read("template.yaml")

    def test_missing_files_folders_and_pipes_are_each_named(self, folder):
        os.mkfifo(folder / "pipe")
        with pytest.raises(Unreadable, match="does not exist"):
            Disk(folder).read("nothing.yaml")
        with pytest.raises(Unreadable, match="is a folder"):
            Disk(folder).read("app")
        with pytest.raises(Unreadable, match="not a regular file"):
            Disk(folder).read("pipe")


class TestOverlay:
    def test_edits_additions_and_removals_stand_above_the_disk(self, folder):
        overlay = Overlay(
            Disk(folder), {"template.yaml": b"new", "app/more.py": b"x", "app/handler.py": None}
        )
        assert overlay.read("template.yaml") == b"new"
        assert list(overlay.files()) == ["template.yaml", "app/more.py"]
        assert overlay.entries("app") == ["more.py"]
        assert not overlay.exists("app/handler.py")
        with pytest.raises(Unreadable, match="does not exist"):
            overlay.read("app/handler.py")


class TestRevision:
    @pytest.fixture
    def repository(self, folder):
        for command in (
            ["init", "-q"],
            ["add", "template.yaml", "app/handler.py"],
            ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "first"],
        ):
            subprocess.run(["git", *command], cwd=folder, check=True)
        (folder / "template.yaml").write_text("changed")
        return folder

    def test_it_reads_the_files_of_that_commit_and_not_those_on_disk(self, repository):
        revision = Revision(repository, "HEAD")
        assert revision.read("template.yaml") == b"Resources: {}\n"
        assert sorted(revision.files()) == ["app/handler.py", "template.yaml"]
        assert revision.exists("app/handler.py")
        assert revision.is_folder("app")
        assert revision.entries("app") == ["handler.py"]

    def test_a_folder_of_the_repository_may_be_the_root(self, repository):
        assert list(Revision(repository / "app", "HEAD").files()) == ["handler.py"]

    def test_files_come_in_the_order_of_the_disk(self, repository):
        for path in ("b.txt", "a/z.txt", "a/b/c.txt", "node_modules/x.js", "app/more/x.py"):
            (repository / path).parent.mkdir(parents=True, exist_ok=True)
            (repository / path).write_text("")
        self.commit(repository)
        found = list(Revision(repository, "HEAD").files())
        assert found == list(Disk(repository).files())
        assert "a/b/c.txt" in found
        assert list(Revision(repository, "HEAD").files("a")) == ["a/z.txt", "a/b/c.txt"]

    def commit(self, repository):
        subprocess.run(["git", "add", "-A"], cwd=repository, check=True)
        name = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *name, "commit", "-q", "-m", "more"], cwd=repository, check=True)

    def test_a_link_to_a_file_stands_for_it_and_one_that_leads_out_for_nothing(self, repository):
        (repository / "linked.yaml").symlink_to("twice.yaml")
        (repository / "twice.yaml").symlink_to("app/handler.py")
        (repository / "out.yaml").symlink_to("../../etc/passwd")
        (repository / "circle.yaml").symlink_to("circle.yaml")
        self.commit(repository)
        revision = Revision(repository, "HEAD")
        assert revision.read("linked.yaml") == revision.read("app/handler.py")
        assert not revision.exists("out.yaml")
        assert not revision.exists("circle.yaml")

    def test_a_file_that_the_clone_has_not_is_there_and_cannot_be_read(self, repository):
        command = ["git", "rev-parse", "HEAD:app/handler.py"]
        blob = subprocess.run(
            command, cwd=repository, check=True, capture_output=True, text=True
        ).stdout.strip()
        (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
        revision = Revision(repository, "HEAD")
        assert revision.exists("app/handler.py")
        with pytest.raises(Unreadable, match="is not in the clone"):
            revision.read("app/handler.py")
        assert revision.read("template.yaml") == b"Resources: {}\n"

    def test_a_copy_of_the_process_reads_for_itself(self, repository):
        revision = Revision(repository, "HEAD")
        content = revision.read("app/handler.py")
        child = os.fork()
        if child == 0:
            os._exit(all(revision.read("app/handler.py") == content for _ in range(200)) - 1)
        assert all(revision.read("template.yaml") == b"Resources: {}\n" for _ in range(200))
        assert os.waitpid(child, 0)[1] == 0

    @pytest.mark.parametrize("name", ["no-such-revision", "--help", "-rf"])
    def test_what_is_no_revision_is_refused_and_never_taken_for_an_option(self, repository, name):
        with pytest.raises(Unreadable):
            Revision(repository, name)

    def test_the_enclosing_work_tree_is_the_root(self, repository):
        assert find_root(repository / "app" / "handler.py") == str(repository.resolve())
