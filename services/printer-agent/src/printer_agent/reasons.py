"""The one vocabulary for what a printer reports: IPP's `printer-state-reasons`, in two languages, with what to do.

The keywords are those of RFC 8011 section 5.4.12, PWG 5100.9 and CUPS, and four of ours where IPP has none: `busy`,
`not-accepting-jobs`, `document-format-unsupported`, `one-sided-only`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["note", "soon", "stopped"]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason in our words. `stopped`: no card is sent while it lasts. Steps: what a person does, at most four."""

    severity: Severity
    message_id: str
    message_en: str
    steps_id: tuple[str, ...] = ()
    steps_en: tuple[str, ...] = ()


_MEDIA_EMPTY = Reason(
    severity="stopped",
    message_id="Blangko habis.",
    message_en="Out of blank cards.",
    steps_id=(
        "Buka wadah blangko.",
        "Isi blangko baru, sisi kosong ke atas.",
        "Tutup wadah.",
        "Catat jumlah yang diisi.",
    ),
    steps_en=(
        "Open the card hopper.",
        "Load new blanks, empty side up.",
        "Close the hopper.",
        "Record how many were loaded.",
    ),
)
_COVER_OPEN = Reason(
    severity="stopped",
    message_id="Tutup printer terbuka.",
    message_en="The cover is open.",
    steps_id=("Periksa tidak ada kartu tersangkut.", "Tutup printer sampai terkunci."),
    steps_en=("Check that no card is caught.", "Close the cover until it locks."),
)
_SUPPLY_EMPTY = Reason(
    severity="stopped",
    message_id="Pita atau film habis.",
    message_en="Out of ribbon or film.",
    steps_id=("Buka tutup printer.", "Ganti pita atau film yang habis.", "Tutup printer."),
    steps_en=("Open the cover.", "Replace the empty ribbon or film.", "Close the cover."),
)
_SUPPLY_LOW = Reason(
    severity="soon",
    message_id="Pita atau film hampir habis.",
    message_en="Ribbon or film is low.",
    steps_id=("Siapkan pita atau film pengganti.",),
    steps_en=("Have a replacement ribbon or film at hand.",),
)
_OFFLINE = Reason(
    severity="stopped",
    message_id="Printer tidak terhubung.",
    message_en="The printer is offline.",
    steps_id=(
        "Periksa printer menyala.",
        "Periksa kabel jaringan atau USB.",
        "Tunggu satu menit.",
    ),
    steps_en=("Check that the printer is on.", "Check the network or USB cable.", "Wait a minute."),
)
_TOO_HOT = Reason(
    severity="stopped",
    message_id="Printer terlalu panas, sedang didinginkan.",
    message_en="The printer is too hot and cools down.",
    steps_id=("Biarkan printer menyala dan tertutup.", "Tunggu sampai dingin."),
    steps_en=("Leave the printer on and closed.", "Wait until it has cooled down."),
)
_WORKING = Reason(severity="note", message_id="Printer sedang bekerja.", message_en="The printer is at work.")
_STARTING = Reason(
    severity="stopped",
    message_id="Printer sedang bersiap.",
    message_en="The printer is getting ready.",
    steps_id=("Tunggu sebentar.",),
    steps_en=("Wait a moment.",),
)
_PAUSED = Reason(
    severity="stopped",
    message_id="Printer dijeda.",
    message_en="The printer is paused.",
    steps_id=("Tekan tombol lanjut pada printer.", "Pada CUPS: lanjutkan antrean printer."),
    steps_en=("Press the resume button on the printer.", "With CUPS: resume the printer's queue."),
)
_OUTPUT_FULL = Reason(
    severity="stopped",
    message_id="Baki keluaran penuh.",
    message_en="The output tray is full.",
    steps_id=("Ambil semua kartu dari baki keluaran.", "Simpan kartu di tempat terkunci."),
    steps_en=("Take all cards from the output tray.", "Put them where they are locked away."),
)

REASONS: Mapping[str, Reason] = {
    "none": Reason(severity="note", message_id="Tidak ada kendala.", message_en="Nothing to report."),
    "media-empty": _MEDIA_EMPTY,
    "media-needed": _MEDIA_EMPTY,
    "media-low": Reason(
        severity="soon",
        message_id="Blangko hampir habis.",
        message_en="Few blank cards left.",
        steps_id=("Siapkan blangko dari lemari.", "Isi sebelum habis."),
        steps_en=("Fetch blanks from the cabinet.", "Load them before the last one goes."),
    ),
    "media-jam": Reason(
        severity="stopped",
        message_id="Kartu macet.",
        message_en="A card is jammed.",
        steps_id=(
            "Buka tutup printer.",
            "Keluarkan kartu perlahan; jangan dibuang.",
            "Tutup printer.",
            "Catat kartu itu sebagai rusak bila cacat.",
        ),
        steps_en=(
            "Open the cover.",
            "Draw the card out slowly; do not throw it away.",
            "Close the cover.",
            "Record the card as spoiled if it is damaged.",
        ),
    ),
    "cover-open": _COVER_OPEN,
    "door-open": _COVER_OPEN,
    "interlock-open": _COVER_OPEN,
    "input-tray-missing": Reason(
        severity="stopped",
        message_id="Wadah blangko tidak terpasang.",
        message_en="The card hopper is missing.",
        steps_id=("Pasang wadah blangko sampai berbunyi klik.",),
        steps_en=("Insert the card hopper until it clicks.",),
    ),
    "output-tray-missing": Reason(
        severity="stopped",
        message_id="Baki keluaran tidak terpasang.",
        message_en="The output tray is missing.",
        steps_id=("Pasang baki keluaran.",),
        steps_en=("Insert the output tray.",),
    ),
    "output-area-almost-full": Reason(
        severity="soon",
        message_id="Baki keluaran hampir penuh.",
        message_en="The output tray is almost full.",
        steps_id=_OUTPUT_FULL.steps_id,
        steps_en=_OUTPUT_FULL.steps_en,
    ),
    "output-area-full": _OUTPUT_FULL,
    "marker-supply-empty": _SUPPLY_EMPTY,
    "marker-supply-missing": _SUPPLY_EMPTY,
    "toner-empty": _SUPPLY_EMPTY,
    "marker-supply-low": _SUPPLY_LOW,
    "toner-low": _SUPPLY_LOW,
    "marker-waste-almost-full": Reason(
        severity="soon",
        message_id="Wadah sisa hampir penuh.",
        message_en="The waste box is almost full.",
        steps_id=("Siapkan wadah sisa yang kosong.",),
        steps_en=("Have an empty waste box at hand.",),
    ),
    "marker-waste-full": Reason(
        severity="stopped",
        message_id="Wadah sisa penuh.",
        message_en="The waste box is full.",
        steps_id=("Kosongkan wadah sisa.", "Hancurkan pita bekas: data pribadi terbaca padanya."),
        steps_en=("Empty the waste box.", "Destroy used ribbon: personal data can be read from it."),
    ),
    "cleaner-life-almost-over": Reason(
        severity="soon",
        message_id="Printer perlu dibersihkan.",
        message_en="The printer needs cleaning.",
        steps_id=("Jalankan kartu pembersih setelah antrean selesai.",),
        steps_en=("Run a cleaning card when the queue is done.",),
    ),
    "paused": _PAUSED,
    "moving-to-paused": _PAUSED,
    "shutdown": Reason(
        severity="stopped",
        message_id="Printer mati.",
        message_en="The printer is switched off.",
        steps_id=("Nyalakan printer.", "Tunggu sampai siap."),
        steps_en=("Switch the printer on.", "Wait until it is ready."),
    ),
    "spool-area-full": Reason(
        severity="stopped",
        message_id="Ruang simpan penuh.",
        message_en="The storage is full.",
        steps_id=("Hubungi petugas teknis: kosongkan ruang simpan.",),
        steps_en=("Call the technician: free storage space.",),
    ),
    "fuser-over-temp": _TOO_HOT,
    "offline": _OFFLINE,
    "timed-out": _OFFLINE,
    "connecting-to-device": _WORKING,
    "cups-waiting-for-job-completed": _WORKING,
    "resuming": _STARTING,
    "fuser-under-temp": _STARTING,
    "busy": Reason(
        severity="stopped",
        message_id="Printer mengerjakan pekerjaan lain.",
        message_en="The printer works for somebody else.",
        steps_id=("Tunggu sampai selesai.", "Jangan cetak hal lain pada printer ini."),
        steps_en=("Wait until it is done.", "Print nothing else on this printer."),
    ),
    "not-accepting-jobs": Reason(
        severity="stopped",
        message_id="Printer menolak pekerjaan baru.",
        message_en="The printer refuses new jobs.",
        steps_id=("Pada CUPS: izinkan antrean menerima pekerjaan.", "Bila tetap: nyalakan ulang printer."),
        steps_en=("With CUPS: let the queue accept jobs.", "If it stays: restart the printer."),
    ),
    "document-format-unsupported": Reason(
        severity="stopped",
        message_id="Printer tidak menerima PDF.",
        message_en="The printer does not take PDF.",
        steps_id=("Pasang antrean CUPS untuk printer ini.", "Arahkan stasiun ke antrean itu."),
        steps_en=("Set up a CUPS queue for this printer.", "Point the station at that queue."),
    ),
    "one-sided-only": Reason(
        severity="stopped",
        message_id="Printer hanya mencetak satu sisi.",
        message_en="The printer prints one side only.",
        steps_id=("Pasang unit pembalik kartu.", "Aktifkan cetak dua sisi pada printer atau antrean."),
        steps_en=("Fit the card flipper.", "Enable two-sided printing at the printer or queue."),
    ),
}

UNKNOWN_REASON = Reason(
    severity="stopped",
    message_id="Printer melaporkan sesuatu.",
    message_en="The printer reports something.",
    steps_id=("Baca layar printer dan ikuti petunjuknya.", "Bila tetap: hubungi petugas teknis."),
    steps_en=("Read the printer's display and follow it.", "If it stays: call the technician."),
)
_SUFFIXES: Mapping[str, Severity] = {"-report": "note", "-warning": "soon", "-error": "stopped"}
_GRAVITY: Mapping[Severity, int] = {"note": 0, "soon": 1, "stopped": 2}


def reason(keyword: str) -> Reason:
    """The reason behind a keyword. IPP's suffix (`-report`, `-warning`, `-error`) rules its severity; an unknown one
    without a suffix counts as an error (RFC 8011, section 5.4.12).

    No suffix makes light of what stops a card printer by its nature: `ippeveprinter` and others choose the suffix by
    the printer's state, and an open cover is `cover-open-report` while nothing prints.
    """
    for suffix, severity in _SUFFIXES.items():
        if keyword.endswith(suffix):
            known = REASONS.get(keyword.removesuffix(suffix))
            if known is not None and known.severity == "stopped":
                return known
            return replace(known or UNKNOWN_REASON, severity=severity)
    return REASONS.get(keyword, UNKNOWN_REASON)


def worst(keywords: Iterable[str]) -> Severity:
    """The gravest severity among them; a note where there is none."""
    severities: list[Severity] = ["note", *(reason(keyword).severity for keyword in keywords)]
    return max(severities, key=_GRAVITY.__getitem__)
