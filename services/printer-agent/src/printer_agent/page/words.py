"""What the page says: a station's states, why it is paused, and what an act came to."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from printer_agent.page.said import Said

Look = Literal["jalan", "jeda", "berhenti", "menunggu", "tutup", "putus", "periksa"]


class State(NamedTuple):
    """A state's colour and drawing, its word, and its sentence."""

    look: Look
    word: Said
    sentence: Said


JALAN, JEDA, BERHENTI = Said("Jalan", "Running"), Said("Jeda", "Paused"), Said("Berhenti", "Stopped")
PUTUS = Said("Putus", "Cut off")

PRINTING = State("jalan", JALAN, Said("Kartu {card} sedang dicetak.", "Card {card} is being printed."))
READY = State(
    "jalan", JALAN, Said("Siap. Kartu berikutnya segera dicetak.", "Ready. The next card prints shortly.")
)
NO_BLANKS = State(
    "menunggu",
    Said("Menunggu", "Waiting"),
    Said(
        "Menurut catatan, blangko habis. Isi blangko, lalu catat di bawah.",
        "The ledger says there are no blanks left. Load some, then record them below.",
    ),
)
IDLE = State(
    "menunggu",
    Said("Menunggu", "Waiting"),
    Said(
        "Belum ada kartu untuk dicetak. Kartu berikutnya datang sendiri.",
        "No card to print yet. The next one comes by itself.",
    ),
)
STATES: Mapping[str, State] = {
    "uncertain": State(
        "periksa",
        Said("Periksa", "Check"),
        Said(
            "Hasil satu kartu tidak pasti. Yang lain menunggu Anda.",
            "Nobody knows what became of one card. The others wait for you.",
        ),
    ),
    "printer_stopped": State(
        "berhenti", BERHENTI, Said("Printer tidak dapat mencetak.", "The printer cannot print.")
    ),
    "journal_full": State(
        "berhenti",
        BERHENTI,
        Said(
            "Ruang simpan komputer ini penuh. Hubungi petugas teknis.",
            "This computer's disk is full. Call the technician.",
        ),
    ),
    "clock_off": State(
        "berhenti",
        BERHENTI,
        Said(
            "Jam komputer ini salah. Hubungi petugas teknis.",
            "This computer's clock is wrong. Call the technician.",
        ),
    ),
    "paused": State("jeda", JEDA, Said("{why}", "{why}")),
    "recovering": State(
        "jeda",
        JEDA,
        Said(
            "Basis data kantor sedang dipulihkan. Pencetakan dilanjutkan setelah diperiksa.",
            "The office's database is being recovered. Printing goes on once it is checked.",
        ),
    ),
    "lost": State(
        "jeda",
        JEDA,
        Said(
            "Stasiun ini dinyatakan hilang: {why} Supervisor dapat mengaktifkannya kembali.",
            "This station was declared lost: {why} A supervisor can bring it back.",
        ),
    ),
    "retired": State(
        "tutup",
        Said("Tutup", "Closed"),
        Said("Stasiun ini tidak dipakai lagi: {why}", "This station is out of service: {why}"),
    ),
    "closed": State(
        "tutup",
        Said("Tutup", "Closed"),
        Said("Jam cetak mulai lagi {opens}.", "Printing hours begin again {opens}."),
    ),
    "offline": State(
        "putus",
        PUTUS,
        Said(
            "Kantor tidak terjangkau sejak {since}. Kartu baru menunggu.",
            "The office is out of reach since {since}. New cards wait.",
        ),
    ),
    "starting": State("putus", PUTUS, Said("Menghubungi kantor ...", "Calling the office ...")),
}
UNKNOWN_OPENING = Said("menurut jadwal", "by the calendar")

PAUSES: Mapping[str, Said] = {
    "spoiled_in_a_row": Said(
        "Dua kartu berturut-turut rusak. Bersihkan printer, buat kartu uji, lalu lanjutkan.",
        "Two cards in a row were spoiled. Clean the printer, make a test card, then resume.",
    ),
    "unprintable": Said(
        "Data satu kartu tidak dapat dicetak (foto atau tanda tangan). Supervisor harus memeriksanya.",
        "One card's record cannot be printed (photo or signature). A supervisor must look at it.",
    ),
    "": Said("Dijeda.", "Paused."),
}
"""Reasons that programs give, by the word before a colon; what a person wrote is shown as it stands."""

ALSO: Mapping[str, Said] = {
    "offline": Said("Kantor tidak terjangkau.", "The office is out of reach."),
    "paused": Said("Stasiun juga dijeda.", "The station is paused, too."),
    "closed": Said("Di luar jam cetak.", "Outside printing hours."),
    "pause_waiting": Said(
        "Kantor diberi tahu tentang jeda ini begitu tersambung.",
        "The office is told of this pause once it is back.",
    ),
    "owed": Said(
        "{n} hasil cetak menunggu dikirim ke kantor; tersimpan aman di sini.",
        "{n} outcomes wait to be sent to the office; they are kept safely here.",
    ),
}

DONE: Mapping[str, Said] = {
    "paused": Said("Stasiun dijeda.", "The station is paused."),
    "resumed": Said("Stasiun dilanjutkan.", "The station goes on."),
    "asked-ready": Said("Printer menjawab: siap.", "The printer answers: ready."),
    "asked-stopped": Said("Printer menjawab: masih berhenti.", "The printer answers: still stopped."),
    "answered": Said("Jawaban Anda tercatat. Terima kasih.", "Your answer is on record. Thank you."),
    "loaded": Said("Isian tercatat.", "The load is on record."),
    "counted": Said("Hitungan tercatat.", "The count is on record."),
    "counted-off": Said(
        "Hitungan tercatat; selisih masuk buku stok dengan alasan Anda.",
        "The count is on record; the difference is in the ledger with your reason.",
    ),
    "tested": Said("Kartu uji tercatat.", "The test card is on record."),
}
"""What an act came to, by the word in `?done=`; any other word shows nothing."""

AWAY = Said(
    "Kantor tidak terjangkau; belum ada yang tercatat. Isian Anda tetap di sini: coba lagi sebentar lagi.",
    "The office is out of reach; nothing is on record yet. What you wrote stays here: try again shortly.",
)
REFUSED = Said("Kantor menolak: {why}", "The office refused: {why}")
UNREADABLE = Said("Isian tidak terbaca.", "The form could not be read.")

TURNED_AWAY: Mapping[str, Said] = {
    "elsewhere": Said(
        "Halaman ini hanya terbuka di komputer stasiun itu sendiri.",
        "This page opens only on the station's own computer.",
    ),
    "cross-site": Said(
        "Isian ini tidak berasal dari halaman stasiun. Buka halaman stasiun dan isi di sana.",
        "This form did not come from the station's page. Open the page and fill it in there.",
    ),
    "password": Said("Kata sandi stasiun diperlukan.", "The station's password is needed."),
    "locked": Said(
        "Terlalu banyak kata sandi salah. Tunggu satu menit.", "Too many wrong passwords. Wait a minute."
    ),
}
