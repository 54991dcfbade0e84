"""Write the lock files: every package that the project installs, with its hashes, and no registry's name.

Run by `make lock`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILD = ("hatchling", "editables")


def compile_lock(output: Path, *arguments: str) -> None:
    """Resolve requirements into one lock file."""
    command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras"]
    command += ["--allow-unsafe", "--no-header", "--no-emit-index-url", "--no-emit-trusted-host"]
    command += ["--no-emit-find-links", "--upgrade", "--output-file", str(output), *arguments]
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    """Write runtime, build and development locks."""
    folder = ROOT / "requirements"
    folder.mkdir(exist_ok=True)
    compile_lock(folder / "runtime.txt", "pyproject.toml")
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
        wanted.write("\n".join(BUILD))
        wanted.flush()
        compile_lock(folder / "build.txt", "--no-annotate", wanted.name)
    compile_lock(folder / "dev.txt", "--extra", "dev", "pyproject.toml")


if __name__ == "__main__":
    main()
