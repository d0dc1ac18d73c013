"""Named failpoints: every place with an effect says its name, so that a test can kill, stop or break it there.

Nothing happens unless a fault is set: `CETAK_FAILPOINT=<name>:<kill|stop|raise>[:<nth>]`, read once by the process's
settings and armed with `arm`. The names that were passed are kept, so a test can tell a point that was never hit.
"""

import os
import signal
from collections import Counter


class Injected(RuntimeError):
    """A fault that a test asked for."""


_armed: dict[str, tuple[str, int]] = {}
passed: Counter[str] = Counter()


def arm(spec: str) -> None:
    """Set faults from `name:kind[:nth]`, several separated by commas; the nth pass from now (1 by default) is hit.

    Raises ValueError for anything else: a fault that is misspelt must not kill.
    """
    for part in filter(None, spec.split(",")):
        name, kind, *nth = part.split(":")
        if kind not in ("kill", "stop", "raise"):
            raise ValueError(f"a fault is kill, stop or raise, not {kind}")
        _armed[name] = (kind, passed[name] + (int(nth[0]) if nth else 1))


def disarm() -> None:
    _armed.clear()
    passed.clear()


def hit(name: str) -> None:
    """Pass a failpoint; raises Injected, kills or stops this process where a fault is set for it."""
    passed[name] += 1
    kind, nth = _armed.get(name, ("", 0))
    if passed[name] != nth:
        return
    if kind == "raise":
        raise Injected(name)
    os.kill(os.getpid(), signal.SIGSTOP if kind == "stop" else signal.SIGKILL)
