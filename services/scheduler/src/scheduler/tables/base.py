"""The metadata that all tables share, and two shorthands."""

from sqlalchemy import (
    Column,
    DateTime,
    Sequence,
)

from backbone.tables import NOW, metadata

METADATA = metadata()
FENCE = Sequence("fence", metadata=METADATA)
"""Grows with every attempt; a restore lifts it."""


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def moment(name: str, *, now: bool = False, null: bool = True) -> Column[object]:
    return Column(
        name, DateTime(timezone=True), nullable=null and not now, server_default=NOW if now else None
    )
