"""A real browser to test pages in: Debian's Chromium, installed where it is missing and we may."""

import os
from pathlib import Path

from local_cluster.installing import install

CHROMIUM = Path("/usr/bin/chromium")
PACKAGES = ("chromium", "fonts-dejavu-core")
MISSING = (
    "Chromium tidak ada; pasang dengan: · Chromium is missing; install it with:\n"
    f"  sudo apt-get install --no-install-recommends {' '.join(PACKAGES)}"
)
ARGUMENTS = (
    "--no-sandbox",  # its sandbox refuses root, and it opens nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ChromiumMissing(RuntimeError):
    """There is no Chromium here; the text says what installs it."""


def ensure_chromium() -> None:
    """Install Chromium as root where it is missing. Raises ChromiumMissing with the line that does it for anyone else."""
    if CHROMIUM.exists():
        return
    if os.geteuid() != 0 or not install(*PACKAGES):
        raise ChromiumMissing(MISSING)
