"""Memory of a process and its children as PSS: shared pages are divided among those who share them."""

from pathlib import Path


def pss_mebibytes(pid: int) -> float:
    """PSS of `pid` and its children together, in MiB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_pss(process) for process in (pid, *children)) / 1024


def _pss(pid: int | str) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError(f"no Pss in /proc/{pid}/smaps_rollup")
