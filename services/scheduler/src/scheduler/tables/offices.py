"""Offices, their lanes and policies, what is known of centre and calendars, the release log."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scheduler.tables.base import METADATA, moment

Table(
    "office",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("tz", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("recovering", Boolean, nullable=False, server_default=text("false")),
    Column("print_after_close", Boolean, nullable=False, server_default=text("true")),
    comment="a regency's registry, the tenant of everything below",
)
Table(
    "release_turn",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("credit", JSONB, nullable=False, server_default=text("'{}'")),
    CheckConstraint("stage IN ('verify', 'print')", name="stage"),
    comment="the mutex of one office and stage, with the claims' credit",
)
Table(
    "lane",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("district", Text, primary_key=True),
    comment="the smallest group a policy can name; never deleted",
)
Table(
    "policy",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("version", Integer, primary_key=True),
    moment("valid_from", null=False),
    moment("valid_until"),
    Column("rules", JSONB, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("set_at", now=True),
    comment="append-only",
)
Table(
    "service_target",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("hours", JSONB, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("set_at", now=True),
    comment="within how many hours of counter time an office means to have a card ready, by kind; append-only",
)
Table(
    "centre",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    moment("closes_at"),
    moment("opens_at"),
    Column("calls_per_hour", Float),
    Column("quota_left", Integer),
    Column("call_seconds", Float, nullable=False),
    Column("approval_hours", Float, nullable=False),
    moment("at", null=False),
    comment="what the gateway last said of an account",
)
Table(
    "calendars",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("calendars", JSONB, nullable=False),
    CheckConstraint("id = 1", name="one"),
    comment="a copy of the gateway's calendars",
)
Table(
    "release_log",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("office", Text, nullable=False),
    Column("stage", Text, nullable=False),
    moment("at", now=True),
    Column("policy_version", Integer, nullable=False),
    Column("cards", ARRAY(Uuid), nullable=False),
    Column("ranked", ARRAY(DateTime(timezone=True)), nullable=False),
    Column("lanes", ARRAY(SmallInteger), nullable=False),
    Column("whys", ARRAY(SmallInteger), nullable=False),
    Column("terms", JSONB, nullable=False),
    Index(None, "office", "stage", "at"),
    comment="every pick, a place in each array, and what was left; `release_pick` shows it row by row; append-only",
)
