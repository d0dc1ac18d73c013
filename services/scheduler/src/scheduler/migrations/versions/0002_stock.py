"""Stock in full: numbered papers, lots with serials, ribbon and film; a released card's blank is free again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOW = sa.text("backbone.now()")


def upgrade() -> None:
    _papers()
    _lots()
    _supplies()
    op.drop_index("serial", "attempt")
    op.create_index(
        "used_serial",
        "attempt",
        ["blank_serial"],
        unique=True,
        postgresql_where=sa.text("blank_serial IS NOT NULL AND state <> 'released'"),
    )
    op.execute(
        "INSERT INTO lot (office, lot, note_number, blanks, received_at) "
        "SELECT office, note_number, note_number, blanks, received_at FROM delivery WHERE received_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("used_serial", "attempt")
    op.create_index(
        "serial",
        "attempt",
        ["blank_serial"],
        unique=True,
        postgresql_where=sa.text("blank_serial IS NOT NULL"),
    )
    for table in ("supply", "lot", "paper"):
        op.drop_table(table)


def _papers() -> None:
    op.create_table(
        "paper",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("difference", sa.Integer(), nullable=True),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("second_person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "kind IN ('count', 'transfer', 'test_card', 'return', 'destruction')",
            name=op.f("paper_kind_check"),
        ),
        sa.CheckConstraint("n >= 0", name=op.f("paper_never_below_nothing_check")),
        sa.CheckConstraint("second_person <> actor", name=op.f("paper_two_persons_check")),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("paper_office_fkey")),
        sa.PrimaryKeyConstraint("office", "kind", "number", name=op.f("paper_pkey")),
        sa.UniqueConstraint("id", name=op.f("paper_id_key")),
        comment="append-only; every act on stock that takes two persons, once for its number",
    )


def _lots() -> None:
    op.create_table(
        "lot",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("note_number", sa.Text(), nullable=False),
        sa.Column("blanks", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("serial_prefix", sa.Text(), nullable=True),
        sa.Column("serial_width", sa.Integer(), nullable=True),
        sa.Column("serial_first", sa.BigInteger(), nullable=True),
        sa.Column("serial_last", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("returned BETWEEN 0 AND blanks", name=op.f("lot_returned_of_received_check")),
        sa.CheckConstraint(
            "num_nulls(serial_prefix, serial_width, serial_first, serial_last) IN (0, 4)",
            name=op.f("lot_whole_range_check"),
        ),
        sa.CheckConstraint("serial_last - serial_first + 1 = blanks", name=op.f("lot_a_serial_each_check")),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("lot_office_fkey")),
        sa.PrimaryKeyConstraint("office", "lot", name=op.f("lot_pkey")),
        comment="blanks that came together; the range of their serials where it is known",
    )
    op.create_index(
        op.f("lot_office_serial_prefix_serial_width_serial_first_idx"),
        "lot",
        ["office", "serial_prefix", "serial_width", "serial_first"],
    )


def _supplies() -> None:
    op.create_table(
        "supply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("roll", sa.Text(), nullable=True),
        sa.Column("nominal", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cards", sa.Integer(), nullable=True),
        sa.Column("used_up", sa.Boolean(), nullable=True),
        sa.CheckConstraint("item IN ('ribbon', 'film')", name=op.f("supply_item_check")),
        sa.CheckConstraint("nominal > 0", name=op.f("supply_some_cards_check")),
        sa.CheckConstraint(
            "num_nulls(replaced_at, cards, used_up) IN (0, 3)",
            name=op.f("supply_replaced_and_measured_check"),
        ),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("supply_office_fkey")),
        sa.ForeignKeyConstraint(["station"], ["station.id"], name=op.f("supply_station_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("supply_pkey")),
        sa.UniqueConstraint("office", "item", "roll", name=op.f("supply_office_item_roll_key")),
        comment="a ribbon or film as it was loaded; `cards` is what it made until it was replaced",
    )
    op.create_index(
        "one_loaded",
        "supply",
        ["station", "item"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "measured",
        "supply",
        ["station", "item", "replaced_at"],
        postgresql_where=sa.text("used_up"),
    )
