"""What `up` and `status` tell people: what runs where, and how to begin. Indonesian first, English second."""

import csv
import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path

from backbone.auth import Authority
from backbone.clock import SystemClock
from backbone.rights import Actor
from local_cluster.state import Started
from onebox.console import out, table
from onebox.keys import load_or_make
from onebox.settings import Deployment
from onebox.simulation import BACKLOG

FIELDS = ("nik", "full_name", "birth_date", "sex", "district_code", "reason")


def show(started: Sequence[Started]) -> None:
    rows = [
        (one.name, one.url, one.pid, "berjalan · runs" if one.alive else "mati · dead") for one in started
    ]
    table("", ("proses · process", "alamat · address", "pid", "keadaan · state"), rows)


def first_steps(home: Path, deployment: Deployment, address: str) -> None:
    """Three calls as a kiosk; the person is a specimen whom the simulated centre knows."""
    row = next(islice(csv.DictReader(BACKLOG.read_text().splitlines()), 1))
    person = json.dumps({name: row[name] for name in FIELDS})
    token = _kiosk(home, deployment)
    station = deployment.stations[0].id
    out.print(
        f"""
[bold]Coba sebagai anjungan · try it as a kiosk[/]
1. Mendaftar · apply:
  curl -s {address}/intake/v1/applications -H 'Authorization: Bearer {token}' \\
    -H 'Idempotency-Key: coba-1' -H 'Content-Type: application/json' -d '{person}'
2. Status warga, dengan nomor resi dan PIN dari jawaban itu · the citizen's view, with that answer's receipt and PIN:
  curl -s {address}/intake/v1/receipts/NOMOR -H 'X-Receipt-Pin: PIN'
3. Siapkah layanan? · is the service ready?
  curl -s {address}/intake/health/ready

Agar tercetak, beri stasiun blangko · to print, give a station blanks:
  CETAK_HOME={home} .venv/bin/cetak stock {station} --receive 500 --note SJ-1
Kartu · cards: {home}/cards   Log · logs: {home}/logs   Berhenti · stop: make down""",
        markup=True,
    )


def _kiosk(home: Path, deployment: Deployment) -> str:
    keys = load_or_make(home / "keys.json")
    authority = Authority(SystemClock(), public=keys.public, private=keys.private)
    actor = Actor(subject="kiosk-coba", scopes=frozenset({"kiosk"}), prefix=deployment.office)
    return authority.issue(actor, timedelta(days=7))
