"""Run a command as a whole process and say what it took: wall time, processor time, peak memory of its largest process."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: seconds of wall time and of processor time, megabytes of peak resident memory."""

    wall: float
    cpu: float
    memory: float


def run(command: Sequence[str], cwd: str | None = None, env: dict[str, str] | None = None) -> Cost:
    """Run a command once with its output thrown away. Findings (exit status 1) are no failure; anything else ends the measurement."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, _megabytes(usage))


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )


def paired(one: Sequence[str], other: Sequence[str], runs: int, cwd: str | None = None) -> tuple[Cost, Cost]:
    """The medians of two commands that take turns, after one run each to warm the disk's cache."""
    run(one, cwd)
    run(other, cwd)
    costs = [(run(one, cwd), run(other, cwd)) for _ in range(runs)]
    return median([first for first, _ in costs]), median([second for _, second in costs])
