"""The ten promises as checks over all services' tables and the outside witnesses. Used by `cetak audit`, demo and tests."""

from onebox.audit.check import Check, Finding, Witnesses, World
from onebox.audit.promises import CHECKS
from onebox.audit.run import audit

__all__ = ["CHECKS", "Check", "Finding", "Witnesses", "World", "audit"]
