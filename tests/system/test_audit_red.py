"""Every check of the audit is seen red once: a small office runs clean, then one fault at a time is planted in a copy.

Faults are planted by SQL as the database's owner, with triggers off and unique indexes dropped where the database itself
would refuse them; or a witness is made to lie.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backbone.database import Login
from backbone.embedded_postgres import OWNER
from onebox.audit import CHECKS, Witnesses, audit
from onebox.homes import witnesses

NOBODY = "00000000-0000-7000-8000-000000000000"
CANARY = "SITI KENARI SEKALI"

ANOTHER_ATTEMPT = """DROP INDEX scheduler.one_card; INSERT INTO scheduler.attempt SELECT (jsonb_populate_record(
  NULL::scheduler.attempt, to_jsonb(a) || jsonb_build_object('id', gen_random_uuid(), 'n', 50 + k, 'fence', 5000 + k))).*
FROM (SELECT * FROM scheduler.attempt WHERE state = 'printed' LIMIT 1) a, generate_series(1, 40) k"""
SECOND_CASE = """DROP INDEX intake.one_open_case; INSERT INTO intake.application SELECT (jsonb_populate_record(
  NULL::intake.application, to_jsonb(a) || jsonb_build_object('id', gen_random_uuid(), 'receipt_number', 'X'))).*
FROM (SELECT * FROM intake.application WHERE open LIMIT 1) a"""
PASSED_OVER = """UPDATE scheduler.release_log SET terms = jsonb_set(terms, '{left}', terms -> 'left' || jsonb_build_array(
  (terms -> 'lanes' -> lanes[1]) || jsonb_build_array(gen_random_uuid(), '2001-01-01T00:00:00+00:00')))"""
ONLY_FIRST_TIMERS = """INSERT INTO scheduler.release_log (office, stage, policy_version, cards, ranked, lanes, whys, terms)
SELECT '21.02', 'verify', 1, array_agg(gen_random_uuid()), array_agg('2018-06-29'::timestamptz), array_agg(0), array_agg(0),
  jsonb_build_object('credit', '{}'::jsonb, 'left', '[]'::jsonb, 'lanes', '[["first_issue", "21.02.03"]]'::jsonb, 'whys',
    jsonb_build_array(jsonb_build_array('rank', jsonb_build_array(rules -> 'claims' -> 0 -> 'name'))))
FROM scheduler.policy, generate_series(1, 30) WHERE version = 1 GROUP BY rules"""
ANOTHER_CLAIM = """INSERT INTO scheduler.policy (office, version, valid_from, rules, author, reason)
SELECT office, 2, '-infinity', jsonb_set(rules, '{claims}', '[{"name": "pulau", "permille": 900, "districts": ["21.02.09"]}]'),
  'tester', 'pulau' FROM scheduler.policy WHERE version = 1"""
LAST_EVENT = "(application_id, seq) IN (SELECT application_id, max(seq) FROM scheduler.event GROUP BY 1)"
ONE = "id = (SELECT id FROM scheduler.application WHERE state = 'waiting' LIMIT 1)"
OUTBOX = "INSERT INTO {}.outbox (type, key, subject, body, created_at) VALUES ('x', 'x', 'x', '', backbone.now() - interval '1 h')"
LETTER = """INSERT INTO scheduler.dead_letter (queue, type, subject, body, error, died_at)
VALUES ('scheduler', 'x', 'x', '{}', 'ValidationError', backbone.now() - interval '1 h')"""
UNHEARD_JOURNAL = """INSERT INTO scheduler.journal (station, attempt_id, application_id, receipt_number, fence, nonce, run,
  intended_at, outcome, evidence, epoch, merged)
SELECT id, gen_random_uuid(), gen_random_uuid(), '', 1, gen_random_uuid(), 1, backbone.now(), 'printed', '{}', 2, 'nothing'
FROM scheduler.station LIMIT 1"""

PLANTS: dict[str, str | dict[str, Any]] = {
    "accepted_is_stored": {"accepted": [NOBODY]},
    "stored_is_scheduled": f"DELETE FROM scheduler.application WHERE {ONE}",
    "one_good_card": ANOTHER_ATTEMPT,
    "one_open_application": SECOND_CASE,
    "sent_once": {"prints": "twice"},
    "journals_agree": UNHEARD_JOURNAL,
    "armed_inside_approval": "UPDATE scheduler.attempt SET armed_at = armed_at + interval '2 days'",
    "printed_was_armed": {"prints": [{"attempt_id": NOBODY, "outcome": "good"}]},
    "blanks_balance": "UPDATE scheduler.stock SET n = n + 1 WHERE account = 'on_hand'",
    "blanks_follow_moves": "UPDATE scheduler.stock SET n = n + 1 WHERE account IN ('on_hand', 'received')",
    "one_booking_one_closing": "DELETE FROM scheduler.stock_move WHERE source = 'booked'",
    "calls_inside_window": "INSERT INTO gateway.call_start (account, at, method) VALUES ('default', '2018-06-30T03:00+07', 'CALL_NIK')",
    "calls_within_rate_and_quota": "UPDATE gateway.account SET quota = 1",
    "centre_saw_our_calls": {"calls": [{"method": "CALL_NIK"}] * 100},
    "first_come": PASSED_OVER,
    "received_at_stands": "UPDATE intake.application SET received_at = received_at - interval '1 day'",
    "floors_at_both_stages": ONLY_FIRST_TIMERS,
    "floors_in_printed_cards": f"{ANOTHER_ATTEMPT}; DELETE FROM scheduler.release_log WHERE stage = 'print';"
    "UPDATE scheduler.application SET kind = 'first_issue' WHERE state = 'printed'",
    "no_dead_end": "UPDATE scheduler.application SET due_at = backbone.now() - interval '1 h' WHERE state = 'needs_correction'",
    "outboxes_empty": OUTBOX.format("gateway"),
    "no_dead_letters": LETTER,
    "no_nik_in_tables": "UPDATE scheduler.attempt SET note = 'NIK 2102034101019001'",
    "no_canary_anywhere": f"UPDATE scheduler.event SET reason = '{CANARY}' WHERE seq = 1",
    "events_gapless": "DELETE FROM scheduler.event WHERE seq = 2",
    "events_replay_to_now": f"UPDATE scheduler.event SET state = 'refused' WHERE {LAST_EVENT}",
    "headcount_true": "UPDATE scheduler.headcount SET n = n + 1 WHERE state = 'printed'",
    "crowd_true": "INSERT INTO scheduler.crowd VALUES ('21.02', 'all', 'lost', '21.02.99', '-infinity', 1)",
    "only_applicants_time_moves_rank": f"UPDATE scheduler.application SET ranked_from = ranked_from + interval '1 h' WHERE {ONE}",
    "intake_knows_the_state": "UPDATE intake.application SET state = 'deferred' WHERE state = 'waiting'",
}


@dataclass(frozen=True, kw_only=True)
class Database:
    postgres: Any
    name: str

    def login(self, schema: str) -> Login:
        found: Login = self.postgres.login(schema, schema, self.name)
        return found

    def owner(self) -> Login:
        found: Login = self.postgres.login(OWNER, "public", self.name)
        return found


@dataclass(kw_only=True)
class Grounds:
    """The clean office's database, closed and ready to be copied, and what its witnesses saw."""

    postgres: Any
    name: str
    seen: Witnesses = field(default_factory=Witnesses)

    async def copy(self) -> Database:
        made = Database(postgres=self.postgres, name=f"red_{secrets.token_hex(4)}")
        server = replace(made, name="postgres").owner()
        await execute(server, f"CREATE DATABASE {made.name} TEMPLATE {self.name} STRATEGY file_copy")
        return made

    async def drop(self, database: Database) -> None:
        await execute(
            replace(database, name="postgres").owner(), f"DROP DATABASE {database.name} WITH (FORCE)"
        )


async def execute(login: Login, sql: str) -> None:
    connection = await asyncpg.connect(**login.arguments())
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def grounds(
    postgres: Any, open_office_in: Any, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Grounds]:
    """A morning: as many cards printed as there were blanks, others waiting, one to be corrected."""
    template = Grounds(postgres=postgres, name="cetak")
    database, home = await template.copy(), tmp_path_factory.mktemp("red")
    async with open_office_in(database, home, blanks=4) as office:
        await office.post(office.people.take(1)[0], full_name="ZAINUDDIN TAMPUBOLON")
        await office.post_all(office.people.take(3, "first_issue"))
        await office.post_all(office.people.take(9, "data_change", "lost"))
        await office.sleep(minutes=90)
        assert len(await office.printed()) == 8
        assert await office.audit() == []
    seen = replace(witnesses(home), accepted=[answer["application_id"] for answer in office.accepted])
    yield Grounds(postgres=postgres, name=database.name, seen=replace(seen, canaries=[CANARY]))
    await template.drop(database)


def with_lies(seen: Witnesses, lies: dict[str, Any]) -> Witnesses:
    found: dict[str, Any] = {}
    for name, lie in lies.items():
        told = list(getattr(seen, name) or [])
        found[name] = told * 2 if lie == "twice" else told + lie
    return replace(seen, **found)


@pytest.mark.parametrize("name", [check.name for check in CHECKS])
async def test_a_planted_fault_is_found_by_its_check(grounds: Grounds, name: str) -> None:
    plant = PLANTS[name]
    seen = with_lies(grounds.seen, plant) if isinstance(plant, dict) else grounds.seen
    database = await grounds.copy()
    try:
        if isinstance(plant, str):
            await execute(database.owner(), f"SET session_replication_role = replica; {plant}")
        findings = await audit(postgres_audit(database), seen)
    finally:
        await grounds.drop(database)

    assert name in {finding.check for finding in findings}


async def test_the_same_office_without_a_fault_is_clean(grounds: Grounds) -> None:
    database = await grounds.copy()
    findings = await audit(postgres_audit(database), grounds.seen)
    await grounds.drop(database)

    assert findings == []


async def test_a_claim_of_a_later_policy_judges_no_card_that_was_printed_before_it(grounds: Grounds) -> None:
    database = await grounds.copy()
    await execute(database.owner(), ANOTHER_CLAIM)
    findings = await audit(postgres_audit(database), grounds.seen)
    await grounds.drop(database)

    assert findings == []


async def test_a_canary_in_a_log_file_is_found_too(grounds: Grounds, tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text(f"... {CANARY} ...")
    database = await grounds.copy()
    findings = await audit(postgres_audit(database), replace(grounds.seen, texts=[tmp_path / "x.log"]))
    await grounds.drop(database)

    assert [(finding.check, finding.subject) for finding in findings] == [("no_canary_anywhere", "x.log")]


def test_no_check_is_without_a_planted_fault() -> None:
    assert set(PLANTS) == {check.name for check in CHECKS}


def postgres_audit(database: Database) -> Login:
    found: Login = database.postgres.login("audit", "public", database.name)
    return found
