"""Logs kept before the picks were columns, and back: the same picks, and they stand the same replay."""

from datetime import timedelta
from typing import Any

from backbone.database import Login
from backbone.revisions import downgrade, upgrade
from scheduler.domain.policy import DEFAULT_RULES, parse_rules
from scheduler.domain.release_log import Logged, faults, logged

KINDS = ("first_issue", "data_change", "lost", "moved_in")
POLICY = parse_rules(DEFAULT_RULES)


async def test_a_log_taken_back_and_forth_again_tells_the_same(office: Any, login: Login) -> None:
    await office.open_centre()
    await office.enrol(blanks=30, slots=8)
    for n in range(30):
        await office.apply(KINDS[n % 4], district=f"21.02.0{n % 3 + 1}", ago=timedelta(days=n * 7 % 50))
    await office.release()
    await office.execute(
        "INSERT INTO release_log (office, stage, policy_version, cards, ranked, lanes, whys, terms) VALUES ('21.02', 'print', "
        "1, '{}', '{}', '{}', '{}', '{\"credit\": {\"far\": 7}, \"lanes\": [], \"whys\": [], \"left\": []}')"
    )
    before = await _logs(office)

    await downgrade(login, "0010")
    old = await office.value("SELECT log FROM release_log ORDER BY id LIMIT 1")
    await upgrade(login)

    after = await _logs(office)
    assert [pick[:2] for pick in old["picks"]] == [[pick.kind, pick.district] for pick in before[0][0]]
    assert before == after
    assert [fault for row in await _rows(office) for fault in faults(row, POLICY, row["at"])] == []


async def _rows(office: Any) -> list[Any]:
    async with office.database.reading() as reader:
        rows: list[Any] = await reader.fetch("SELECT * FROM release_log ORDER BY id")
    return rows


async def _logs(office: Any) -> list[tuple[list[Logged], Any, Any]]:
    return [(logged(row), row["terms"]["credit"], row["terms"]["left"]) for row in await _rows(office)]
