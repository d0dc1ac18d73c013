"""The list of checks, by promise. Queries stand beside what they promise; longer looks in modules of their own."""

from backbone.outbox import PATIENT
from onebox.audit import order, printing, privacy, window
from onebox.audit.check import Check, by_sql

AGE = f"CASE WHEN id < {PATIENT} THEN interval '60 s' ELSE interval '30 min' END"
"""So old a message that is owed may be; a big file's go one after the other."""
CLOSED = "('collected', 'refused', 'withdrawn', 'lapsed')"

NOT_SCHEDULED = f"""SELECT a.id AS subject, 'accepted, but unknown to the scheduler' AS detail FROM intake.application a
WHERE a.state NOT IN {CLOSED} AND NOT EXISTS (SELECT 1 FROM scheduler.application s WHERE s.id = a.id)
AND NOT EXISTS (SELECT 1 FROM intake.outbox o WHERE o.subject = a.id::text AND o.created_at > backbone.now() - {AGE.replace("id", "o.id")})"""

TWO_CARDS = """SELECT application_id AS subject, count(*) || ' good cards' AS detail FROM scheduler.attempt
WHERE state = 'printed' GROUP BY 1 HAVING count(*) > 1"""

TWO_OPEN = f"""SELECT min(id::text) AS subject, count(*) || ' open applications of one person' AS detail
FROM intake.application WHERE state NOT IN {CLOSED} GROUP BY person_hash HAVING count(*) > 1"""

# A card found in a journal after a restore was armed by an approval that the restored gateway has forgotten as well.
ARMED_OUTSIDE_APPROVAL = """SELECT a.id AS subject, 'armed at ' || a.armed_at || ' outside the gateway''s approval' AS detail
FROM scheduler.attempt a WHERE a.armed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM gateway.approval g
  WHERE g.approval_id = a.approval_id AND g.application_id = a.application_id
  AND a.armed_at >= g.approved_at AND a.armed_at < g.approved_until)
AND NOT (a.recovered AND NOT EXISTS (SELECT 1 FROM gateway.approval g WHERE g.approval_id = a.approval_id))"""

UNLIKE_THE_JOURNAL = """SELECT j.attempt_id AS subject,
  'sent by the journal of ' || j.station || ', on record as ' || coalesce(a.state, 'unknown') AS detail
FROM scheduler.journal j LEFT JOIN scheduler.attempt a ON a.id = j.attempt_id
WHERE j.merged IS NOT NULL AND j.intended_at IS NOT NULL AND j.outcome = 'printed'
AND (a.id IS NULL OR a.state = 'reserved' OR (a.state = 'released' AND coalesce(a.evidence ->> 'by', '') <> 'person'))
AND NOT EXISTS (SELECT 1 FROM scheduler.incident i WHERE i.attempt_id = j.attempt_id)"""

UNBALANCED = """SELECT office || '/' || place AS subject, 'received ' || r || ', accounted for ' || h AS detail FROM (
  SELECT office, place, item, coalesce(sum(n) FILTER (WHERE account = 'received'), 0) AS r,
    coalesce(sum(n) FILTER (WHERE account <> 'received'), 0) AS h FROM scheduler.stock GROUP BY 1, 2, 3) x WHERE r <> h"""

MOVES_DIFFER = """SELECT s.office || '/' || s.place || '/' || s.account AS subject,
  'balance ' || s.n || ', moves say ' || coalesce(m.n, 0) AS detail
FROM scheduler.stock s LEFT JOIN (SELECT office, place, item, account, sum(d) AS n FROM (
    SELECT office, place, item, target AS account, CASE WHEN target = 'received' THEN -n ELSE n END AS d FROM scheduler.stock_move
    UNION ALL SELECT office, place, item, source, CASE WHEN source = 'received' THEN n ELSE -n END FROM scheduler.stock_move) x
  GROUP BY 1, 2, 3, 4) m USING (office, place, item, account) WHERE s.n <> coalesce(m.n, 0)"""

BOOKINGS = """SELECT a.id AS subject, a.state || ' with ' || b.booked || ' bookings and ' || b.closed || ' closing moves' AS detail
FROM scheduler.attempt a CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE source = 'on_hand' AND target = 'booked') AS booked,
    count(*) FILTER (WHERE source = 'booked') AS closed FROM scheduler.stock_move m WHERE m.attempt_id = a.id) b
WHERE b.booked <> 1 OR b.closed <> CASE WHEN a.state IN ('reserved', 'armed') THEN 0 ELSE 1 END"""

RECEIVED_CHANGED = """SELECT a.id AS subject, 'received ' || a.received_at || ', the scheduler says ' || s.received_at AS detail
FROM intake.application a JOIN scheduler.application s USING (id) WHERE a.received_at <> s.received_at"""

DEAD_END = """SELECT a.id AS subject, a.state || ' with nobody to move it' AS detail FROM scheduler.application a
WHERE (a.state IN ('deferred', 'verifying', 'needs_correction', 'in_review', 'printed') AND a.due_at < backbone.now() - interval '60 s')
  OR (a.state = 'printed' AND a.due_at IS NULL AND a.collected_at IS NULL)
  OR (a.state = 'approved' AND a.approved_until < backbone.now() - interval '60 s')
  OR (a.state = 'printing' AND NOT EXISTS (SELECT 1 FROM scheduler.attempt t WHERE t.application_id = a.id
    AND t.state IN ('reserved', 'armed', 'uncertain')))
  OR (a.frozen_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scheduler.incident i WHERE i.id = a.frozen_by))"""

STALE_OUTBOX = f"""SELECT service AS subject, n || ' messages older than 60 s' AS detail FROM (
  SELECT 'intake' AS service, count(*) AS n FROM intake.outbox WHERE created_at < backbone.now() - {AGE}
  UNION ALL SELECT 'scheduler', count(*) FROM scheduler.outbox WHERE created_at < backbone.now() - {AGE}
  UNION ALL SELECT 'gateway', count(*) FROM gateway.outbox WHERE created_at < backbone.now() - {AGE}) x WHERE n > 0"""

DEAD_LETTERS = """SELECT queue || '#' || id AS subject, type || ': ' || error AS detail FROM (
  SELECT * FROM intake.dead_letter UNION ALL SELECT * FROM scheduler.dead_letter UNION ALL SELECT * FROM gateway.dead_letter) d
WHERE settled_at IS NULL AND died_at < backbone.now() - interval '60 s'"""

EVENTS_WITH_GAPS = """SELECT a.id AS subject, 'stands at ' || a.seq || ', has ' || e.n || ' events up to ' || e.top AS detail
FROM scheduler.application a JOIN (SELECT application_id, count(*) AS n, max(seq) AS top, count(DISTINCT seq) AS distinct_n
  FROM scheduler.event GROUP BY 1) e ON e.application_id = a.id
WHERE e.n <> a.seq OR e.top <> a.seq OR e.distinct_n <> a.seq"""

EVENTS_ELSEWHERE = """SELECT a.id AS subject, a.state || ', the last event says ' || e.state AS detail
FROM scheduler.application a JOIN LATERAL (SELECT state FROM scheduler.event WHERE application_id = a.id
  ORDER BY epoch DESC, seq DESC LIMIT 1) e ON e.state <> a.state"""

HEADCOUNT = """SELECT concat_ws('/', office, state, kind, district, day) AS subject,
  'counted ' || coalesce(h.n, 0) || ', there are ' || coalesce(c.n, 0) AS detail
FROM (SELECT * FROM scheduler.headcount WHERE n <> 0) h FULL JOIN (SELECT office, state, kind, district,
  CASE WHEN state = 'waiting' THEN (ranked_from AT TIME ZONE 'UTC')::date ELSE '-infinity'::date END AS day, count(*) AS n
  FROM scheduler.application GROUP BY 1, 2, 3, 4, 5) c USING (office, state, kind, district, day)
WHERE coalesce(h.n, 0) <> coalesce(c.n, 0)"""

CROWD = """SELECT concat_ws('/', office, grain, kind, district, start) AS subject,
  'counted ' || coalesce(c.n, 0) || ', there are ' || coalesce(h.n, 0) AS detail
FROM (SELECT * FROM scheduler.crowd WHERE n <> 0) c FULL JOIN (SELECT office, x.grain, kind, x.district, x.start, sum(n) AS n
  FROM scheduler.headcount CROSS JOIN LATERAL (VALUES (district, 'all', '-infinity'::date),
    (district, 'month', day - extract(day FROM day)::int + 1), ('', 'month', day - extract(day FROM day)::int + 1),
    ('', 'day', day)) x(district, grain, start)
  WHERE state = 'waiting' GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0) h USING (office, grain, kind, district, start)
WHERE coalesce(c.n, 0) <> coalesce(h.n, 0)"""

# The applicant held a case from the moment it was theirs (also by letting it lapse) until it waited again.
HELD_TIME = """WITH told AS (SELECT application_id, state, at, state IN ('needs_correction', 'lapsed') AS theirs,
    count(*) FILTER (WHERE state NOT IN ('needs_correction', 'lapsed')) OVER w AS turn, lead(at) OVER w AS until,
    lead(state) OVER w AS next FROM scheduler.event WINDOW w AS (PARTITION BY application_id ORDER BY epoch, seq)),
turns AS (SELECT application_id, min(at) AS since, max(until) FILTER (WHERE next = 'waiting') AS until FROM told
  WHERE theirs GROUP BY application_id, turn),
held AS (SELECT application_id, sum(until - since) AS held FROM turns GROUP BY 1)
SELECT a.id AS subject, 'ranked ' || (a.ranked_from - a.received_at) || ' later than received, held by the applicant for '
  || coalesce(h.held, '0') AS detail
FROM scheduler.application a LEFT JOIN held h ON h.application_id = a.id
WHERE abs(extract(epoch FROM (a.ranked_from - a.received_at) - coalesce(h.held, '0'))) > 1"""

STATUS_DIFFERS = """SELECT a.id AS subject, 'intake says ' || a.state || ', the scheduler ' || s.state AS detail
FROM intake.application a JOIN scheduler.application s USING (id)
WHERE a.state <> s.state AND NOT (a.state = 'collected' AND s.state = 'printed')
AND NOT EXISTS (SELECT 1 FROM scheduler.outbox o WHERE o.subject = a.id::text)
AND NOT EXISTS (SELECT 1 FROM intake.outbox o WHERE o.subject = a.id::text)"""

CHECKS: tuple[Check, ...] = (
    Check(promise=1, name="accepted_is_stored", look=printing.accepted_is_stored),
    Check(promise=1, name="stored_is_scheduled", look=by_sql(NOT_SCHEDULED)),
    Check(promise=2, name="one_good_card", look=by_sql(TWO_CARDS)),
    Check(promise=2, name="one_open_application", look=by_sql(TWO_OPEN)),
    Check(promise=2, name="sent_once", look=printing.sent_once),
    Check(promise=2, name="journals_agree", look=by_sql(UNLIKE_THE_JOURNAL)),
    Check(promise=3, name="armed_inside_approval", look=by_sql(ARMED_OUTSIDE_APPROVAL)),
    Check(promise=3, name="printed_was_armed", look=printing.printed_was_armed),
    Check(promise=4, name="blanks_balance", look=by_sql(UNBALANCED)),
    Check(promise=4, name="blanks_follow_moves", look=by_sql(MOVES_DIFFER)),
    Check(promise=4, name="one_booking_one_closing", look=by_sql(BOOKINGS)),
    Check(promise=5, name="calls_inside_window", look=window.calls_inside_window),
    Check(promise=5, name="calls_within_rate_and_quota", look=window.calls_within_rate_and_quota),
    Check(promise=5, name="centre_saw_our_calls", look=window.centre_saw_our_calls),
    Check(promise=6, name="first_come", look=order.first_come),
    Check(promise=6, name="received_at_stands", look=by_sql(RECEIVED_CHANGED)),
    Check(promise=7, name="floors_at_both_stages", look=order.floors),
    Check(promise=7, name="floors_in_printed_cards", look=order.printed_floors),
    Check(promise=8, name="no_dead_end", look=by_sql(DEAD_END)),
    Check(promise=8, name="outboxes_empty", look=by_sql(STALE_OUTBOX)),
    Check(promise=8, name="no_dead_letters", look=by_sql(DEAD_LETTERS)),
    Check(promise=9, name="no_nik_in_tables", look=privacy.no_nik_in_tables),
    Check(promise=9, name="no_canary_anywhere", look=privacy.no_canary_anywhere),
    Check(promise=10, name="events_gapless", look=by_sql(EVENTS_WITH_GAPS)),
    Check(promise=10, name="events_replay_to_now", look=by_sql(EVENTS_ELSEWHERE)),
    Check(promise=10, name="headcount_true", look=by_sql(HEADCOUNT)),
    Check(promise=10, name="crowd_true", look=by_sql(CROWD)),
    Check(promise=10, name="only_applicants_time_moves_rank", look=by_sql(HELD_TIME)),
    Check(promise=10, name="intake_knows_the_state", look=by_sql(STATUS_DIFFERS)),
)
