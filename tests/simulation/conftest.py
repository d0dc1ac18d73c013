"""Opens worlds on a test's own database."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.simulation.world import open_world


@pytest.fixture
def open_here(databases: Any, tmp_path: Path) -> Any:
    """`open_world` with the database and the home of this test."""
    return partial(open_world, databases, tmp_path)
