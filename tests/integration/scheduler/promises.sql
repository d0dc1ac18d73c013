-- Each query finds what breaks its promise; all are empty after every test that asks.

-- accounts sum to received
SELECT place FROM stock GROUP BY place
HAVING sum(n) FILTER (WHERE account = 'received') <> sum(n) FILTER (WHERE account <> 'received');

-- each attempt's blank is where its state says
SELECT s.place, s.account, s.n FROM stock s
WHERE s.account IN ('booked', 'uncertain', 'printed', 'spoiled') AND s.n <> (
  SELECT count(*) FROM attempt a WHERE a.station = s.place AND (s.account, a.state) IN (('booked', 'reserved'),
    ('booked', 'armed'), ('uncertain', 'uncertain'), ('printed', 'printed'), ('spoiled', 'spoiled'))) + (
  SELECT coalesce(sum(CASE WHEN m.target = s.account THEN m.n ELSE -m.n END), 0) FROM stock_move m
  WHERE m.place = s.place AND s.account IN (m.source, m.target) AND (m.attempt_id IS NULL OR m.cause = 'destroyed'));

-- what one place gave, another has
SELECT office, note_number FROM stock_move WHERE cause IN ('transfer_out', 'transfer_in') GROUP BY 1, 2
HAVING sum(CASE cause WHEN 'transfer_in' THEN n ELSE -n END) <> 0;

-- a delivery is its lots
SELECT d.note_number FROM delivery d WHERE d.received_at IS NOT NULL AND d.blanks <> (SELECT coalesce(sum(l.blanks), 0)
  FROM lot l WHERE l.office = d.office AND l.note_number = d.note_number);

-- every paper moved what it says, once
SELECT p.kind, p.number FROM paper p WHERE p.kind <> 'count' AND p.n <> (SELECT coalesce(sum(m.n), 0) FROM stock_move m
  WHERE m.office = p.office AND m.note_number = p.number AND m.place = p.place AND (p.kind, m.cause) IN (
    ('transfer', 'transfer_out'), ('return', 'return'), ('test_card', 'test_card'), ('test_card', 'misfeed'),
    ('destruction', 'destroyed'), ('destruction', 'damaged_blank')));

-- the headcount is GROUP BY
WITH grouped AS (
  SELECT office, state, kind, district, CASE WHEN state = 'waiting' THEN (ranked_from AT TIME ZONE 'UTC')::date
    ELSE '-infinity'::date END AS day, count(*)::int AS n FROM application GROUP BY 1, 2, 3, 4, 5),
counted AS (SELECT office, state, kind, district, day, n FROM headcount WHERE n <> 0)
SELECT state, kind, district, n FROM ((TABLE grouped EXCEPT TABLE counted) UNION ALL (TABLE counted EXCEPT TABLE grouped)) x;

-- what is summed up is the headcount
WITH summed AS (
  SELECT office, x.grain, kind, x.district, x.start, sum(n)::int AS n FROM headcount CROSS JOIN LATERAL (VALUES
    (district, 'all', '-infinity'::date), (district, 'month', date_trunc('month', day::timestamp)::date),
    ('', 'month', date_trunc('month', day::timestamp)::date), ('', 'day', day)) x(district, grain, start)
  WHERE state = 'waiting' GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0),
kept AS (SELECT office, grain, kind, district, start, n FROM crowd WHERE n <> 0)
SELECT * FROM ((TABLE summed EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE summed)) x;

-- events are gapless and end in the state
SELECT p.id, p.state FROM application p LEFT JOIN event e ON e.application_id = p.id
GROUP BY p.id HAVING count(*) <> p.seq OR max(e.seq) <> p.seq
OR max(e.state) FILTER (WHERE e.seq = p.seq) <> p.state;

-- an application is where its attempts are
SELECT p.id, p.state, a.states FROM application p CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(state), '{}') AS states FROM attempt
  WHERE application_id = p.id AND state IN ('reserved', 'armed', 'uncertain', 'printed')) a
WHERE (p.state = 'lapsed' AND a.states NOT IN ('{}', '{printed}'))
OR (p.state <> 'lapsed' AND (cardinality(a.states) <> (p.state IN ('printing', 'printed'))::int
  OR (p.state = 'printed') <> ('printed' = ANY(a.states))));

-- no dead end
SELECT id, state FROM application WHERE due_at IS NULL
AND (state IN ('verifying', 'deferred', 'needs_correction') OR (state = 'printed' AND collected_at IS NULL));

-- a stopped station holds nothing that is reserved
SELECT a.id, s.state FROM attempt a JOIN station s ON s.id = a.station
WHERE a.state = 'reserved' AND s.state <> 'running';
