"""The scheduler's rows. No personal data: ids, reasons, districts, times, an opaque sealed blob.

`office` is the first key column everywhere. Indexes and checks carry promises; each says which.
"""

from scheduler.tables import applications, offices, printing, recover, stock
from scheduler.tables.base import METADATA

__all__ = ["METADATA", "applications", "offices", "printing", "recover", "stock"]
