"""All files of a run are written, or none; a run that is killed is finished by the next one."""

from __future__ import annotations

import os
import random
import signal
import stat
import time
from pathlib import Path

import pytest

from stackworthy.remedy.files import FOLDER, NotWritten, recover, write

FILES = {f"stacks/part{number}.yaml": f"old {number}\n".encode() * 200 for number in range(12)}
EDITS = {name: content.replace(b"old", b"new") for name, content in FILES.items()}


def lay(root: Path) -> dict[str, bytes | None]:
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return dict(FILES)


def contents(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in FILES}


def test_writes_every_file_and_leaves_nothing_beside(tmp_path: Path) -> None:
    write(str(tmp_path), EDITS, lay(tmp_path))
    assert contents(tmp_path) == EDITS
    assert not (tmp_path / FOLDER / "fix").exists()


def test_makes_files_that_are_not_there_with_their_folders(tmp_path: Path) -> None:
    write(str(tmp_path), {"new/deep/alarms.yaml": b"a"}, {"new/deep/alarms.yaml": None})
    assert (tmp_path / "new/deep/alarms.yaml").read_bytes() == b"a"


def test_keeps_the_mode_of_a_file(tmp_path: Path) -> None:
    original = lay(tmp_path)
    name = next(iter(FILES))
    (tmp_path / name).chmod(0o640)
    write(str(tmp_path), {name: EDITS[name]}, original)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o640


def test_writes_through_a_link_that_stays_inside_the_root(tmp_path: Path) -> None:
    lay(tmp_path)
    link = tmp_path / "linked.yaml"
    link.symlink_to("stacks/part0.yaml")
    write(str(tmp_path), {"linked.yaml": b"new"}, {"linked.yaml": FILES["stacks/part0.yaml"]})
    assert link.is_symlink()
    assert (tmp_path / "stacks/part0.yaml").read_bytes() == b"new"


def test_refuses_a_link_that_leads_out_of_the_root(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_bytes(b"mine")
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked.yaml").symlink_to(outside)
    with pytest.raises(NotWritten, match="leads out"):
        write(str(root), {"linked.yaml": b"new"}, {"linked.yaml": b"mine"})
    assert outside.read_bytes() == b"mine"


def test_refuses_files_that_changed_since_they_were_read(tmp_path: Path) -> None:
    original = lay(tmp_path)
    last = list(FILES)[-1]
    (tmp_path / last).write_bytes(b"edited meanwhile")
    with pytest.raises(NotWritten, match="changed since it was read"):
        write(str(tmp_path), EDITS, original)
    assert {name: content for name, content in contents(tmp_path).items() if name != last} == {
        name: content for name, content in FILES.items() if name != last
    }


def test_hides_its_folder_from_git(tmp_path: Path) -> None:
    write(str(tmp_path), EDITS, lay(tmp_path))
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"


def test_a_damaged_journal_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / FOLDER / "fix").mkdir(parents=True)
    (tmp_path / FOLDER / "fix" / "journal.json").write_text("{")
    with pytest.raises(NotWritten, match="is damaged"):
        recover(str(tmp_path))
    assert contents(tmp_path) == FILES


def test_an_edit_between_the_kill_and_the_recovery_is_kept(tmp_path: Path) -> None:
    original = lay(tmp_path)
    _killed_after_journal(tmp_path, original)
    mine = next(name for name in FILES if (tmp_path / name).read_bytes() == FILES[name])
    (tmp_path / mine).write_bytes(b"by hand")
    with pytest.raises(NotWritten, match="was edited while its fix was being written"):
        recover(str(tmp_path))
    assert (tmp_path / mine).read_bytes() == b"by hand"


def test_a_run_killed_at_any_moment_leaves_old_or_new_and_the_next_one_recovers(tmp_path: Path) -> None:
    chance = random.Random(20)
    started = time.perf_counter()
    root = tmp_path / "whole"
    root.mkdir()
    write(str(root), EDITS, lay(root))
    duration = time.perf_counter() - started
    finished = untouched = 0
    for number in range(200):
        root = tmp_path / str(number)
        root.mkdir()
        original = lay(root)
        child = os.fork()
        if child == 0:
            write(str(root), EDITS, original)
            os._exit(0)
        time.sleep(chance.uniform(0, duration * 1.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for name, content in contents(root).items():
            assert content in (FILES[name], EDITS[name]), f"{name} is torn"
        recover(str(root))
        after = contents(root)
        assert after in (FILES, EDITS), "some files are old and some are new"
        assert not (root / FOLDER / "fix").exists()
        finished += after == EDITS
        untouched += after == FILES
    assert finished
    assert untouched


def _killed_after_journal(root: Path, original: dict[str, bytes | None]) -> None:
    """A run that dies as soon as its first file is written."""
    child = os.fork()
    if child == 0:
        from stackworthy.remedy import files

        move = files._move

        def once(ready: str, target: str) -> None:
            move(ready, target)
            os.kill(os.getpid(), signal.SIGKILL)

        files._move = once
        write(str(root), EDITS, original)
    os.waitpid(child, 0)
