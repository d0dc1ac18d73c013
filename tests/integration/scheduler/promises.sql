-- Each query finds what breaks its promise; all are empty after every test that asks.

-- accounts sum to received
SELECT place FROM stock GROUP BY place
HAVING sum(n) FILTER (WHERE account = 'received') <> sum(n) FILTER (WHERE account <> 'received');

-- each attempt's blank is where its state says
SELECT s.place, s.account, s.n FROM stock s
WHERE s.account IN ('booked', 'uncertain', 'printed', 'spoiled') AND s.n <> (
  SELECT count(*) FROM attempt a WHERE a.station = s.place AND (s.account, a.state) IN (('booked', 'reserved'),
    ('booked', 'armed'), ('uncertain', 'uncertain'), ('printed', 'printed'), ('spoiled', 'spoiled')));

-- balances are the sums of their moves
SELECT s.place, s.account, s.n FROM stock s WHERE account <> 'received' AND s.n <> (
  SELECT coalesce(sum(CASE WHEN m.target = s.account THEN m.n ELSE -m.n END), 0) FROM stock_move m
  WHERE m.place = s.place AND s.account IN (m.source, m.target));

-- the headcount is GROUP BY
WITH grouped AS (
  SELECT office, state, kind, district, CASE WHEN state = 'waiting' THEN (ranked_from AT TIME ZONE 'UTC')::date
    ELSE '-infinity'::date END AS day, count(*)::int AS n FROM application GROUP BY 1, 2, 3, 4, 5),
counted AS (SELECT office, state, kind, district, day, n FROM headcount WHERE n <> 0)
SELECT state, kind, district, n FROM ((TABLE grouped EXCEPT TABLE counted) UNION ALL (TABLE counted EXCEPT TABLE grouped)) x;

-- events are gapless and end in the state
SELECT p.id, p.state FROM application p LEFT JOIN event e ON e.application_id = p.id
GROUP BY p.id HAVING count(*) <> p.seq OR max(e.seq) <> p.seq
OR max(e.state) FILTER (WHERE e.seq = p.seq) <> p.state;

-- an application is where its attempts are
SELECT p.id, p.state, a.states FROM application p CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(state), '{}') AS states FROM attempt
  WHERE application_id = p.id AND state IN ('reserved', 'armed', 'uncertain', 'printed')) a
WHERE cardinality(a.states) <> (p.state IN ('printing', 'printed'))::int
OR (p.state = 'printed') <> ('printed' = ANY(a.states));

-- no dead end
SELECT id, state FROM application WHERE state IN ('verifying', 'deferred', 'needs_correction') AND due_at IS NULL;

-- a stopped station holds nothing that is reserved
SELECT a.id, s.state FROM attempt a JOIN station s ON s.id = a.station
WHERE a.state = 'reserved' AND s.state <> 'running';
