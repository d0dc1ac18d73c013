"""A release's picks as columns, a place a pick: a third of the bytes, and nothing that is parsed or compressed in vain."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "cards": ARRAY(sa.Uuid()),
    "ranked": ARRAY(sa.DateTime(timezone=True)),
    "lanes": ARRAY(sa.SmallInteger()),
    "whys": ARRAY(sa.SmallInteger()),
}
# A pick was [kind, district, id, ranked_from, why, live].
FORTH = """WITH pick AS (SELECT l.id, n, v ->> 2 AS card, v ->> 3 AS ranked,
    jsonb_build_array(v -> 0, v -> 1) AS lane, jsonb_build_array(v -> 4, v -> 5) AS why
  FROM release_log l, jsonb_array_elements(terms -> 'picks') WITH ORDINALITY p(v, n)),
lane AS (SELECT id, lane, row_number() OVER (PARTITION BY id ORDER BY lane) - 1 AS k FROM pick GROUP BY id, lane),
why AS (SELECT id, why, row_number() OVER (PARTITION BY id ORDER BY why) - 1 AS k FROM pick GROUP BY id, why),
told AS (SELECT id, array_agg(card::uuid ORDER BY n) AS cards, array_agg(ranked::timestamptz ORDER BY n) AS ranked,
    array_agg(lane.k::smallint ORDER BY n) AS lanes, array_agg(why.k::smallint ORDER BY n) AS whys
  FROM pick JOIN lane USING (id, lane) JOIN why USING (id, why) GROUP BY id),
named AS (SELECT l.id, l.lanes, w.whys
  FROM (SELECT id, jsonb_agg(lane ORDER BY k) AS lanes FROM lane GROUP BY id) l
  JOIN (SELECT id, jsonb_agg(why ORDER BY k) AS whys FROM why GROUP BY id) w USING (id))
UPDATE release_log l SET cards = told.cards, ranked = told.ranked, lanes = told.lanes, whys = told.whys,
  terms = terms - 'picks' || jsonb_build_object('lanes', named.lanes, 'whys', named.whys)
FROM told JOIN named USING (id) WHERE told.id = l.id"""
EMPTY = (
    """UPDATE release_log SET terms = terms - 'picks' || '{"lanes": [], "whys": []}' WHERE terms ? 'picks'"""
)
BACK = """UPDATE release_log l SET terms = terms - 'lanes' - 'whys' || jsonb_build_object('picks',
  (SELECT coalesce(jsonb_agg(jsonb_build_array(kind, district, card, ranked_from, why, live) ORDER BY n), '[]')
   FROM release_pick p WHERE p.release = l.id))"""
VIEW = """CREATE VIEW release_pick AS
SELECT l.id AS release, l.office, l.stage, l.at, l.policy_version, p.n - 1 AS n, p.card, p.ranked_from,
  l.terms -> 'lanes' -> p.lane ->> 0 AS kind, l.terms -> 'lanes' -> p.lane ->> 1 AS district,
  l.terms -> 'whys' -> p.why ->> 0 AS why, l.terms -> 'whys' -> p.why -> 1 AS live
FROM release_log l CROSS JOIN LATERAL
  unnest(l.cards, l.ranked, l.lanes, l.whys) WITH ORDINALITY p(card, ranked_from, lane, why, n)"""
COMMENT = (
    "every pick, a place in each array, and what was left; `release_pick` shows it row by row; append-only"
)
OLD_COMMENT = "every pick with the heads it was picked from; append-only"


def upgrade() -> None:
    op.alter_column("release_log", "log", new_column_name="terms")
    for name, kind in COLUMNS.items():
        op.add_column("release_log", sa.Column(name, kind, nullable=False, server_default=sa.text("'{}'")))
    # Ids do not compress, and a log of two hundred picks still fits its page: to lay it apart costs more than it is worth.
    op.execute("ALTER TABLE release_log ALTER COLUMN cards SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE release_log SET (toast_tuple_target = 8160)")
    op.execute(FORTH)
    op.execute(EMPTY)
    for name in COLUMNS:
        op.alter_column("release_log", name, server_default=None)
    op.execute(VIEW)
    op.create_table_comment("release_log", COMMENT, existing_comment=OLD_COMMENT)


def downgrade() -> None:
    op.execute(BACK)
    op.execute("DROP VIEW release_pick")
    op.execute("ALTER TABLE release_log RESET (toast_tuple_target)")
    for name in COLUMNS:
        op.drop_column("release_log", name)
    op.alter_column("release_log", "terms", new_column_name="log")
    op.create_table_comment("release_log", OLD_COMMENT, existing_comment=COMMENT)
