"""What a process and its children take: memory as PSS, which divides shared pages among those who share them; CPU."""

import os
from pathlib import Path


def pss_mebibytes(pid: int) -> float:
    """PSS of `pid` and its children together, in MiB."""
    return sum(_pss(process) for process in _family(pid)) / 1024


def cpu_seconds(pid: int) -> float:
    """CPU time of `pid` and its children so far."""
    ticks = 0
    for process in _family(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int | str]:
    return [pid, *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _pss(pid: int | str) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError(f"no Pss in /proc/{pid}/smaps_rollup")
