"""Which schemas there are, and in which package each one's tables and migrations lie."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGES: Final = {"intake": "intake", "scheduler": "scheduler", "gateway": "datacenter_gateway"}
SCHEMAS: Final = tuple(PACKAGES)


def migrations_folder(schema: str) -> Path:
    """Where a schema's Alembic scripts lie; raises LookupError where its service is not installed."""
    spec = find_spec(PACKAGES[schema])
    if spec is None or spec.origin is None:
        raise LookupError(f"the service of schema {schema} is not installed")
    return Path(spec.origin).parent / "migrations"
