"""Where sources read bytes from: the disk, an overlay of edits, or a git revision. Nothing else opens a file.

Paths are relative to the workspace's root, with forward slashes. Reading never leaves the root, whatever links say.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_FILES = 200_000
MAX_DEPTH = 60
MAX_LINKS = 8
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "--no-pager")
SKIPPED_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        ".terraform",
        ".terragrunt-cache",
        ".venv",
        "venv",
        ".tox",
        ".mypy_cache",
    }
    | {
        "__pycache__",
        ".aws-sam",
        ".serverless",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        ".stackworthy",
    }
)


class Unreadable(Exception):
    """A file that cannot be read: `message` says why, `hint` what to do."""

    def __init__(self, path: str, message: str, hint: str = "") -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message
        self.hint = hint


class Workspace(Protocol):
    """What a source may ask of the place that it reads from."""

    root: str

    @property
    def unread(self) -> list[Unreadable]:
        """The folders that `files` could not look into."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `Unreadable`."""
        ...

    def exists(self, path: str) -> bool:
        """Whether a readable file stands there, inside the root."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there, inside the root."""
        ...

    def entries(self, folder: str) -> list[str]:
        """The names of files in a folder, sorted; folders are not among them."""
        ...

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder, sorted, without those that tools and package managers made."""
        ...


def inside(path: str) -> str:
    """The path in its simplest form; raises `Unreadable` when it leads out of the root."""
    simple = posixpath.normpath(path.replace("\\", "/"))
    if simple.startswith(("../", "/")) or simple == ".." or "\0" in simple:
        raise Unreadable(
            path, "leads out of the reviewed root", "name a wider --root if the file belongs to the stack"
        )
    return "" if simple == "." else simple


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether the entry is a file; a link that leads in a circle is none, and hides no other."""
    try:
        return entry.is_file()
    except OSError:
        return False


class Disk:
    """The files below a folder as they are now."""

    def __init__(self, root: str | Path, *, max_bytes: int = MAX_FILE_BYTES) -> None:
        self.root = os.path.realpath(root)
        self.unread: list[Unreadable] = []
        self._within = self.root.rstrip("/") + "/"
        self._max = max_bytes
        self._folders: dict[str, str] = {"": self.root}

    def _real(self, path: str) -> str:
        """The place of a path with all links followed; raises `Unreadable` when that is outside the root."""
        simple = inside(path)
        real = os.path.realpath(self._within + simple if simple else self.root)
        if real != self.root and not real.startswith(self._within):
            hint = "name a wider --root to follow it"
            raise Unreadable(path, "is a link that leads out of the reviewed root", hint)
        return real

    def _open(self, path: str) -> FileIO:
        """Open a file without waiting and without leaving the root. Folders are resolved once, a plain file needs no look at its links."""
        try:
            return open(self._beside(path), "rb", buffering=0, opener=_not_following)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
        return open(self._real(path), "rb", buffering=0, opener=_without_waiting)

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `Unreadable`."""
        try:
            with self._open(path) as stream:
                status = os.fstat(stream.fileno())
                if not stat.S_ISREG(status.st_mode):
                    what = (
                        "is a folder, not a file" if stat.S_ISDIR(status.st_mode) else "is not a regular file"
                    )
                    raise Unreadable(path, what)
                if status.st_size > self._max:
                    raise Unreadable(
                        path,
                        f"is {status.st_size / 2**20:.0f} MB, more than the {self._max / 2**20:.0f} MB that are read",
                        "split the file, or leave it out of the review",
                    )
                return stream.read()
        except FileNotFoundError:
            raise Unreadable(path, "does not exist") from None
        except IsADirectoryError:
            raise Unreadable(path, "is a folder, not a file") from None
        except PermissionError:
            hint = "give the user who runs the review permission to read it"
            raise Unreadable(path, "may not be read", hint) from None
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be read") from None

    def exists(self, path: str) -> bool:
        """Whether a file stands there, inside the root."""
        return stat.S_ISREG(self._mode(path))

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there, inside the root."""
        return stat.S_ISDIR(self._mode(path))

    def _mode(self, path: str) -> int:
        """What stands at a path, 0 for nothing or for what lies outside the root."""
        try:
            mode = os.lstat(self._beside(path)).st_mode
            return os.stat(self._real(path)).st_mode if stat.S_ISLNK(mode) else mode
        except (Unreadable, OSError):
            return 0

    def _beside(self, path: str) -> str:
        """The place of a path with the links of its folder followed, but not its own."""
        folder, _, name = inside(path).rpartition("/")
        real = self._folder(folder)
        return f"{real}/{name}" if name else real

    def _folder(self, folder: str) -> str:
        """The place of a folder with all links followed. Each folder on the way is looked at once."""
        found = self._folders.get(folder)
        if found is not None:
            return found
        real, path = self.root, ""
        for name in folder.split("/"):
            path = f"{path}/{name}" if path else name
            known = self._folders.get(path)
            if known is None:
                beside = f"{real}/{name}"
                known = self._folders[path] = self._real(path) if os.path.islink(beside) else beside
            real = known
        return real

    def entries(self, folder: str) -> list[str]:
        """The names of files in a folder, sorted."""
        try:
            with os.scandir(self._real(folder)) as found:
                return sorted(entry.name for entry in found if _is_file(entry))
        except (Unreadable, OSError):
            return []

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder, sorted; linked folders are not followed, so that loops cannot be."""
        count = 0
        pending = [(inside(folder), 0)]
        first = self._real(folder)
        while pending:
            current, depth = pending.pop()
            try:
                with os.scandir(f"{self._within}{current}" if depth else first) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                reason = "may not be looked into" if isinstance(error, PermissionError) else error.strerror
                hint = "give the user who runs the review permission to read it"
                self.unread.append(Unreadable(current, reason or "cannot be looked into", hint))
                continue
            deeper = []
            for entry in entries:
                path = f"{current}/{entry.name}" if current else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_FOLDERS and depth < MAX_DEPTH:
                        deeper.append((path, depth + 1))
                    continue
                count += 1
                if count > MAX_FILES:
                    raise Unreadable(folder, f"holds more than {MAX_FILES:,} files", "name a smaller folder")
                yield path
            pending.extend(reversed(deeper))


class Overlay:
    """Another workspace with some files edited, added (bytes) or removed (None)."""

    def __init__(self, base: Workspace, edits: Mapping[str, bytes | None]) -> None:
        self.root = base.root
        self.base = base
        self.edits = {inside(path): content for path, content in edits.items()}

    @property
    def unread(self) -> list[Unreadable]:
        """The folders below that could not be looked into."""
        return self.base.unread

    def read(self, path: str) -> bytes:
        """The edited bytes, else those below."""
        simple = inside(path)
        if simple in self.edits:
            content = self.edits[simple]
            if content is None:
                raise Unreadable(path, "does not exist")
            return content
        return self.base.read(simple)

    def exists(self, path: str) -> bool:
        """Whether the file stands there after the edits."""
        simple = inside(path)
        return self.edits[simple] is not None if simple in self.edits else self.base.exists(simple)

    def is_folder(self, path: str) -> bool:
        """Whether the folder stands there after the edits."""
        within = inside(path) + "/"
        added = any(name.startswith(within) and content is not None for name, content in self.edits.items())
        return added or self.base.is_folder(path)

    def entries(self, folder: str) -> list[str]:
        """The names of files in a folder after the edits, sorted."""
        simple = inside(folder)
        names = set(self.base.entries(simple))
        for path, content in self.edits.items():
            parent, name = posixpath.split(path)
            if parent == simple:
                (names.discard if content is None else names.add)(name)
        return sorted(names)

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder after the edits."""
        simple = inside(folder)
        within = simple + "/" if simple else ""
        seen = set()
        for path in self.base.files(simple):
            seen.add(path)
            if self.edits.get(path, b"") is not None:
                yield path
        for path, content in sorted(self.edits.items()):
            if path not in seen and content is not None and path.startswith(within):
                yield path


class Revision:
    """The files of a git repository at one revision, as `git` stores them; no hook or filter of the repository runs.

    Links to files are followed inside the root, links to folders are not.
    """

    def __init__(self, root: str | Path, revision: str, *, max_bytes: int = MAX_FILE_BYTES) -> None:
        self.root = os.path.realpath(root)
        self.revision = revision
        self.unread: list[Unreadable] = []
        self._max = max_bytes
        self._contents = Blobs(self.root)
        self._sizes: dict[str, int] = {}
        self._blobs: dict[str, str] = {}
        self._folders: dict[str, list[str]] = {"": []}
        links: dict[str, str] = {}
        listing = git(self.root, "ls-tree", "-r", "-l", "-z", "--full-tree", "--end-of-options", revision)
        prefix = git(self.root, "rev-parse", "--show-prefix").decode().removesuffix("\n")
        for line in listing.decode("utf-8", "surrogateescape").split("\0"):
            description, _, path = line.partition("\t")
            if not path.startswith(prefix) or not path:
                continue
            mode, kind, blob, size = description.split()
            if kind == "blob" and mode == "120000":
                links[path[len(prefix) :]] = blob
            elif kind == "blob":
                # Git states no size ("BAD") for what a partial clone has not; reading it says so.
                self._remember(path[len(prefix) :], blob, int(size) if size.isdigit() else 0)
        self._follow(links)

    def _remember(self, path: str, blob: str, size: int) -> None:
        self._blobs[path] = blob
        self._sizes[path] = size
        folder, name = posixpath.split(path)
        while folder not in self._folders:
            self._folders[folder] = []
            folder = posixpath.dirname(folder)
        self._folders[posixpath.dirname(path)].append(name)

    def _follow(self, links: dict[str, str]) -> None:
        """Let a link to a file stand for it; one link may lead to another."""
        targets = {path: self._contents.read(blob).decode("utf-8", "replace") for path, blob in links.items()}
        for path in targets:
            target = path
            for _ in range(MAX_LINKS):
                if target not in targets:
                    break
                target = posixpath.normpath(posixpath.join(posixpath.dirname(target), targets[target]))
            if target in self._blobs:
                self._remember(path, self._blobs[target], self._sizes[target])

    def read(self, path: str) -> bytes:
        """The bytes of a file at the revision."""
        simple = inside(path)
        blob = self._blobs.get(simple)
        if blob is None:
            raise Unreadable(path, "does not exist")
        if self._sizes[simple] > self._max:
            raise Unreadable(path, f"is {self._sizes[simple] / 2**20:.0f} MB, more than is read")
        return self._contents.read(blob)

    def exists(self, path: str) -> bool:
        """Whether the file stands there at the revision."""
        try:
            return inside(path) in self._blobs
        except Unreadable:
            return False

    def is_folder(self, path: str) -> bool:
        """Whether a file stands below this folder at the revision."""
        try:
            return inside(path) in self._folders
        except Unreadable:
            return False

    def entries(self, folder: str) -> list[str]:
        """The names of files in a folder at the revision, sorted."""
        try:
            return sorted(self._folders.get(inside(folder), ()))
        except Unreadable:
            return []

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder at the revision, in the order of `Disk`, without what tools and package managers made."""
        pending = [inside(folder)]
        below: dict[str, list[str]] = {}
        for path in self._folders:
            if path:
                below.setdefault(posixpath.dirname(path), []).append(path)
        while pending:
            current = pending.pop()
            for name in sorted(self._folders.get(current, ())):
                yield f"{current}/{name}" if current else name
            deeper = [
                path for path in below.get(current, ()) if posixpath.basename(path) not in SKIPPED_FOLDERS
            ]
            pending.extend(sorted(deeper, reverse=True))


def git(root: str, *arguments: str) -> bytes:
    """What git says in a folder. Nothing that the repository could bring along runs. Raises `Unreadable` with git's reason."""
    import subprocess

    try:
        done = subprocess.run([*GIT, *arguments], cwd=root, capture_output=True, check=False, timeout=60)  # noqa: S603
    except FileNotFoundError:
        raise Unreadable(root, "git is not installed", "install git to read revisions") from None
    except subprocess.TimeoutExpired:
        raise Unreadable(root, "git took longer than a minute") from None
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise Unreadable(arguments[-1], reason[-1] if reason else "git cannot read this revision")
    return done.stdout


class Blobs:
    """Contents of a repository by their ids, through one process of git that answers as long as this lives."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._process: Any = None
        self._owner = 0

    def read(self, blob: str) -> bytes:
        """The content; raises `Unreadable` when git has it not (a partial clone without its server)."""
        process = self._running()
        process.stdin.write(blob.encode() + b"\n")
        process.stdin.flush()
        header = process.stdout.readline().split()
        if len(header) != 3:
            raise Unreadable(blob, "is not in the clone", "fetch the whole history")
        size = int(header[2])
        content: bytes = process.stdout.read(size + 1)
        return content[:size]

    def _running(self) -> Any:
        """The process. A copy of ours needs one of its own, or the two would read each other's answers."""
        if self._process is None or self._owner != os.getpid():
            import subprocess

            command = [*GIT, "cat-file", "--batch"]
            self._process = subprocess.Popen(  # noqa: S603
                command,
                cwd=self._root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._owner = os.getpid()
        return self._process

    def __del__(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()


def _without_waiting(path: str, flags: int) -> int:
    """Open a file that may be a pipe which nobody writes to."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _not_following(path: str, flags: int) -> int:
    """Open a file that may be a pipe, but not one that is a link."""
    return _without_waiting(path, flags | getattr(os, "O_NOFOLLOW", 0))


def find_root(path: str | Path) -> str:
    """The enclosing git work tree of a path, else the path itself (a file's folder)."""
    start = Path(os.path.realpath(path))
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return str(candidate)
    return str(folder)
