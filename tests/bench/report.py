"""The one table that a run prints."""

from typing import Any

LIMITS = {
    "fdatasync_per_s": "8 kB flushed to the database's disk",
    "commits_per_s": "one-row commits, one connection",
    "group_committed_applications_per_s": "applications stored, 64 a commit, nothing else done",
    "fastapi_noop_per_s": "requests to a FastAPI route that does nothing",
    "generator_answers_per_s": "requests the load generator itself can make",
}
LINE = "{:<22} {:>12} {:>12} {:>8}   {}"


def table(results: dict[str, Any]) -> str:
    lines = [LINE.format("", "ours", "textbook", "ratio", ""), "-" * 96]
    for name, show in (("intake", _intake), ("hop", _hop), ("end_to_end", _end_to_end), ("import", _import)):
        if name in results:
            lines += show(results[name])
    if "frameworks" in results:
        lines += [
            LINE.format(
                f"hop: {name}", "", f"{found['rate']:.0f}/s", "", f"{found['items']} items, no database"
            )
            for name, found in results["frameworks"].items()
        ]
    if "walk_in" in results:
        lines += _walk_in(results["walk_in"])
    lines += ["", "the machine's limits in this run, a second"]
    lines += [f"  {value:>9}  {LIMITS[name]}" for name, value in results.get("machine", {}).items()]
    return "\n".join(lines)


def _both(
    name: str, ours: float, textbook: float, unit: str, note: str = "", *, less: bool = False, digits: int = 0
) -> str:
    ratio = textbook / ours if less else ours / textbook
    return LINE.format(
        name, f"{ours:.{digits}f}{unit}", f"{textbook:.{digits}f}{unit}", f"{ratio:.1f}x", note
    )


def _intake(found: dict[str, Any]) -> list[str]:
    ours, textbook = found["ours"], found["textbook"]
    return [
        _both("intake accepted", ours["rate"], textbook["rate"], "/s", "64 connections, median of rounds"),
        _both("intake p50", ours["p50"], textbook["p50"], " ms", less=True),
        _both("intake p99", ours["p99"], textbook["p99"], " ms", less=True),
        _both(
            "intake CPU", ours["cpu_us"], textbook["cpu_us"], " us", "service, database, broker", less=True
        ),
    ]


def _hop(found: dict[str, Any]) -> list[str]:
    ours, textbook = found["ours"], found["textbook"]
    note = f"{ours['items']} and {textbook['items']} applications, accepted to approved"
    cpu = (ours["cpu_us"]["all"], textbook["cpu_us"]["all"])
    return [
        _both("hop", ours["rate"], textbook["rate"], "/s", note),
        _both("hop CPU", *cpu, " us", "services, database, broker", less=True),
    ]


def _end_to_end(found: dict[str, Any]) -> list[str]:
    ours, textbook = found["ours"], found["textbook"]
    people = f"{found['people']} people, {found['stations']} stations"
    lines = [
        _both("end to end", ours["rate"], textbook["rate"], "/s", f"accepted to printed, {people}", digits=1),
        _both("end to end seconds", ours["seconds"], textbook["seconds"], " s", digits=1, less=True),
    ]
    for name in ours["cpu_us"]:
        cpu = (ours["cpu_us"][name] / 1000, textbook["cpu_us"][name] / 1000)
        note = "CPU a card: " + ("all processes" if name == "all" else name)
        lines.append(_both(f"end to end {name}", *cpu, " ms", note, digits=1, less=True))
    return lines


def _import(found: dict[str, Any]) -> list[str]:
    ours, textbook, limits = found["ours"], found["textbook"], found["limits"]
    shown = (
        (
            f"a walk-in meanwhile is answered in {ours['walk_in_p50_ms']:.0f} ms (p99 {ours['walk_in_p99_ms']:.0f}, at most "
            f"{ours['walk_in_most_ms']:.0f}; idle {ours['walk_in_quiet_ms']:.0f})"
        ),
        f"and known to the scheduler after {ours['walk_in_known_p50_s']:.1f} s (at most {ours['walk_in_known_most_s']:.1f})",
        (
            f"the scheduler knows all {ours['scheduler_lag_seconds']:.1f} s after the import's end, "
            f"{ours['scheduler_rate']:.0f}/s from its begin"
        ),
        (
            f"limits: COPY {limits['copied_bare']}/s bare, {limits['copied_indexed']}/s with intake's indexes; "
            f"sealing {limits['sealed']}/s a core"
        ),
    )
    return [
        _both("import", ours["rate"], textbook["rate"], "/s", f"{ours['rows']} and {textbook['rows']} rows"),
        *(LINE.format("", "", "", "", line) for line in shown),
    ]


def _walk_in(found: dict[str, Any]) -> list[str]:
    note = f"accepted to armed, idle, {found['people']} people; p99 {found['p99']:.0f} ms"
    return [LINE.format("walk-in p50", f"{found['p50']:.0f} ms", "", "", note)]
