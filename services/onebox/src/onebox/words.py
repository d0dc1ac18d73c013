"""States and kinds for people, Indonesian first."""

from typing import Final

STATES: Final = {
    "received": "diterima · received",
    "waiting": "menunggu · waiting",
    "deferred": "ditunda pusat · deferred",
    "verifying": "diverifikasi · verifying",
    "approved": "disetujui · approved",
    "printing": "dicetak · printing",
    "printed": "siap diambil · printed",
    "collected": "sudah diambil · collected",
    "needs_correction": "perlu perbaikan · needs correction",
    "in_review": "ditinjau petugas · in review",
    "refused": "ditolak · refused",
    "withdrawn": "ditarik · withdrawn",
    "lapsed": "gugur · lapsed",
}
KINDS: Final = {
    "urgent": "mendesak · urgent",
    "first_issue": "perekaman pertama · first issue",
    "lost": "hilang · lost",
    "damaged": "rusak · damaged",
    "data_change": "perubahan data · data change",
    "moved_in": "pindah datang · moved in",
    "foreigner_renewal": "perpanjangan orang asing · foreigner's renewal",
    "outside_domicile": "luar domisili · outside domicile",
}


def state(name: str) -> str:
    return STATES.get(name, name)


def kind(name: str) -> str:
    return KINDS.get(name, name)
