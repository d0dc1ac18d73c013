"""Loaded by Python itself in a mutant's processes (this folder is then on PYTHONPATH): plants the fault CETAK_MUTANT names."""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any


class _Planted(SourceFileLoader):
    """Compiles a module's source with its patches applied; a patch that no longer fits ends the process."""

    def __init__(self, name: str, path: str, patches: Sequence[Any]) -> None:
        super().__init__(name, path)
        self._patches = patches

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        for patch in self._patches:
            if source.count(patch.old) != 1:
                raise SystemExit(f"the planted fault no longer fits {fullname}")
            source = source.replace(patch.old, patch.new)
        return compile(source, self.path, "exec")


class _Planter(MetaPathFinder):
    def __init__(self, patches: Sequence[Any]) -> None:
        self._patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        mine = [patch for patch in self._patches if patch.module == fullname]
        spec = PathFinder.find_spec(fullname, path) if mine else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Planted(fullname, spec.origin, mine)
        return spec


def _plant(name: str) -> None:
    spec = spec_from_file_location("planted_mutants", Path(__file__).parents[1] / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    table = module_from_spec(spec)
    # A dataclass looks its own module up.
    sys.modules[spec.name] = table
    spec.loader.exec_module(table)
    sys.meta_path.insert(0, _Planter(table.MUTANTS[name]))


if os.environ.get("CETAK_MUTANT"):
    _plant(os.environ["CETAK_MUTANT"])
