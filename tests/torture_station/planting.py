"""Plants a fault in modules of this process before they are imported: a few words of their source are others."""

import sys
from collections.abc import Sequence

from tests.torture.mutants import Patch
from tests.torture.planted.sitecustomize import _Planter


def plant(patches: Sequence[Patch]) -> None:
    """Call before anything of the services is imported; a patch that no longer fits ends the process."""
    assert not {patch.module for patch in patches} & set(sys.modules)
    sys.meta_path.insert(0, _Planter(patches))
