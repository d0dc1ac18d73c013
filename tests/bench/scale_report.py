"""Tables of the scale bench and of its test."""

from collections import Counter
from collections.abc import Mapping
from statistics import mean

from tests.bench.scale_acts import Traffic
from tests.bench.scale_watch import Seen

FIRST_MET = ", pages first met"
"""Behind the name of a pick that was timed before its pages were in memory and once in the log."""


def totals(seen: Mapping[str, Seen]) -> dict[str, int]:
    """Buffers of each act."""
    return {name: sum(buffers for _, buffers in statements) for name, statements in seen.items()}


def buffers_table(seen: Mapping[int, Mapping[str, Seen]]) -> str:
    """Acts with their statements, a column for each backlog, the last by the first."""
    lines = [_line("buffers touched, waiting:", [f"{waiting:,}" for waiting in seen], "")]
    for act in next(iter(seen.values())):
        parts = [_by_statement(found[act]) for found in seen.values()]
        lines.append(_numbers(act, [sum(part.values()) for part in parts]))
        lines += [
            _numbers(f"  {name}", [part[name] for part in parts])
            for name in dict.fromkeys(name for part in parts for name in part)
            if any(part[name] > 9 for part in parts)
        ]
    return "\n".join(lines)


def times_table(times: Mapping[int, Mapping[str, float]]) -> str:
    """Median milliseconds of each act, a column for each backlog, the last by the first."""
    lines = [_line("median ms, waiting:", [f"{waiting:,}" for waiting in times], "")]
    for act in next(iter(times.values())):
        values = [found.get(act, 0.0) for found in times.values()]
        ratio = f"{values[-1] / values[0]:.2f}x" if values[0] else ""
        lines.append(_line(act, [f"{value:.2f}" for value in values], ratio))
    return "\n".join(lines)


def picks_table(times: Mapping[int, Mapping[str, float]]) -> str:
    """How many times as long our pick takes as each of the others' of the same round, a column for each backlog."""
    lines = [_line("our pick by that of, waiting:", [f"{waiting:,}" for waiting in times], "")]
    picks = [name for name in next(iter(times.values())) if "pick" in name]
    ours = {FIRST_MET in name: name for name in picks if name.startswith("our")}
    for other in (name for name in picks if not name.startswith("our")):
        ratios = [f"{found[ours[FIRST_MET in other]] / found[other]:.2f}x" for found in times.values()]
        lines.append(_line(other, ratios, ""))
    return "\n".join(lines)


def traffic_table(days: Mapping[int, Traffic]) -> str:
    """What forty batches there and back did to the heads and to the tables, vacuumed by the server alone."""
    lines = [_line("after forty batches asked and given back, waiting:", [f"{n:,}" for n in days], "")]
    found = list(days.values())
    lines.append(_numbers("buffers of the heads, first eight", [round(mean(day.heads[:8])) for day in found]))
    lines.append(_numbers("buffers of the heads, last eight", [round(mean(day.heads[-8:])) for day in found]))
    growth = [f"{100 * (day.after / day.before - 1):.1f} %" for day in found]
    lines.append(_line("growth of the tables and their indexes", growth, ""))
    return "\n".join(lines)


def _by_statement(statements: Seen) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, buffers in statements:
        found[name] += buffers
    return found


def _numbers(name: str, values: list[int]) -> str:
    ratio = f"{values[-1] / values[0]:.2f}x" if values[0] else ""
    return _line(name, [f"{value:,}" for value in values], ratio)


def _line(name: str, values: list[str], ratio: str) -> str:
    return f"{name:<50}" + "".join(f"{value:>12}" for value in values) + f"{ratio:>9}"
