"""A flag that all processes of one gunicorn share: the server is about to stop."""

import mmap

# Anonymous shared memory: made before the fork, seen by master and workers alike.
_flag = mmap.mmap(-1, 1)


def begin() -> None:
    """Announce the stop: /readyz turns 503 and connections are no longer kept alive."""
    _flag[0] = 1


def has_begun() -> bool:
    """Whether the stop was announced."""
    return _flag[0] == 1
