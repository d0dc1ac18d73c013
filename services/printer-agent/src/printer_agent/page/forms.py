"""The page's forms: what each asks, of whom, and why."""

from collections.abc import Mapping

from printer_agent.page.fields import Field, Form
from printer_agent.page.said import Said

PERSON = Field(name="person", least=2, label=Said("Nama Anda", "Your name"))
SECOND = Field(
    name="second_person",
    least=2,
    label=Said("Nama orang kedua yang ikut melihat", "Name of the second person who looked"),
    differs_from="person",
)
NUMBER = Field(name="number", kind="hidden", required=False)
ATTEMPT = Field(name="attempt_id", kind="hidden")


def _reason(label: Said, hint: Said | None = None) -> Field:
    return Field(name="reason", label=label, hint=hint, least=3, most=300)


PAUSE = Form(
    path="pause",
    title=Said("Jeda stasiun", "Pause the station"),
    lead=Said(
        "Kartu di printer diselesaikan; kartu lain tidak dimulai.",
        "The card at the printer is finished; no other is begun.",
    ),
    button=Said("Jeda", "Pause"),
    fields=(
        _reason(
            Said("Alasan", "Reason"), Said("Misalnya: membersihkan printer", "Such as: cleaning the printer")
        ),
        PERSON,
    ),
)
RESUME = Form(
    path="resume",
    title=Said("Lanjutkan stasiun", "Resume the station"),
    lead=Said("Kartu berikutnya segera dicetak.", "The next card prints shortly."),
    button=Said("Lanjutkan", "Resume"),
    fields=(
        _reason(
            Said("Apa yang sudah dilakukan", "What was done"),
            Said("Misalnya: printer bersih, kartu uji baik", "Such as: printer cleaned, test card good"),
        ),
        PERSON,
    ),
)
BLANKS = Form(
    path="blanks",
    title=Said("Isi blangko", "Load blanks"),
    lead=Said(
        "Catat setiap surat jalan satu kali, sebelum blangkonya dipakai.",
        "Record each delivery note once, before its blanks are used.",
    ),
    button=Said("Catat", "Record"),
    fields=(
        Field(name="note_number", label=Said("Nomor surat jalan", "Delivery note number"), most=60),
        Field(name="blanks", label=Said("Jumlah blangko", "Number of blanks"), kind="number", most=100_000),
        PERSON,
    ),
)
SUPPLIES = Form(
    path="supplies",
    title=Said("Ganti pita atau film", "Change ribbon or film"),
    lead=Said(
        "Sisa dihitung dari kartu yang tercetak sejak penggantian.",
        "What is left is reckoned from the cards printed since the change.",
    ),
    button=Said("Catat", "Record"),
    fields=(
        Field(
            name="item",
            kind="choice",
            label=Said("Yang diganti", "What was changed"),
            choices=(("ribbon", Said("Pita", "Ribbon")), ("film", Said("Film", "Film"))),
        ),
        Field(
            name="previous",
            kind="choice",
            label=Said("Yang lama", "The old one"),
            given="used_up",
            choices=(
                ("used_up", Said("habis terpakai", "is used up")),
                ("removed", Said("dilepas sebelum habis", "was taken out early")),
            ),
        ),
        Field(
            name="nominal",
            kind="number",
            required=False,
            most=100_000,
            label=Said("Cukup untuk berapa kartu (menurut kemasan)", "Good for how many cards (by its box)"),
            hint=Said("Boleh kosong: pita 500, film 1500", "May stay empty: ribbon 500, film 1500"),
        ),
        Field(
            name="roll",
            required=False,
            most=60,
            label=Said("Nomor gulungan", "Roll number"),
            hint=Said("Boleh kosong", "May stay empty"),
        ),
        PERSON,
    ),
)
COUNT = Form(
    path="count",
    title=Said("Hitung akhir giliran", "Count at shift end"),
    lead=Said(
        "Dua orang menghitung semua blangko utuh: di wadah printer dan di sampingnya.",
        "Two persons count every unused blank: in the hopper and beside it.",
    ),
    button=Said("Catat hitungan", "Record the count"),
    fields=(
        Field(
            name="blanks", label=Said("Blangko utuh", "Unused blanks"), kind="number", least=0, most=100_000
        ),
        _reason(
            Said("Keterangan", "Remark"),
            Said(
                "Misalnya: akhir giliran pagi. Bila selisih: sebabnya",
                "Such as: end of the morning shift. If it differs: why",
            ),
        ),
        PERSON,
        SECOND,
        NUMBER,
    ),
)
TEST_CARD = Form(
    path="test-card",
    title=Said("Kartu uji", "Test card"),
    lead=Said(
        "Buat kartu uji dari menu printer sendiri, lalu catat di sini: satu kartu uji memakai satu blangko.",
        "Make the test card from the printer's own menu, then record it here: a test card takes one blank.",
    ),
    button=Said("Catat kartu uji", "Record the test card"),
    fields=(
        Field(name="cards", label=Said("Jumlah", "How many"), kind="number", most=20, given="1"),
        Field(
            name="cause",
            kind="choice",
            label=Said("Blangko terpakai oleh", "What took the blank"),
            given="test_card",
            choices=(
                ("test_card", Said("kartu uji", "a test card")),
                ("misfeed", Said("salah tarik oleh printer", "a misfeed of the printer")),
            ),
        ),
        _reason(
            Said("Alasan", "Reason"), Said("Misalnya: setelah ganti pita", "Such as: after a ribbon change")
        ),
        PERSON,
        SECOND,
        NUMBER,
    ),
)
GOOD = Form(
    path="answer-printed",
    title=Said("Kartu ada dan baik", "The card is there and good"),
    lead=Said(
        "Pegang kartunya: nomor resi di belakang cocok, kedua sisi bersih, QR terbaca.",
        "Hold the card: the receipt number on its back agrees, both sides are clean, the QR reads.",
    ),
    button=Said("Ya, kartu ini baik", "Yes, this card is good"),
    fields=(PERSON, ATTEMPT),
)
SPOILED = Form(
    path="answer-spoiled",
    title=Said("Kartu rusak", "The card is spoiled"),
    lead=Said(
        "Simpan kartu rusak di kotak terkunci untuk dimusnahkan. Pemohon tetap pada urutannya.",
        "Put the spoiled card into the locked box to be destroyed. The applicant keeps the place.",
    ),
    button=Said("Catat sebagai rusak", "Record as spoiled"),
    fields=(
        _reason(
            Said("Apa yang rusak", "What is wrong with it"),
            Said("Misalnya: macet, setengah tercetak", "Such as: jammed, half printed"),
        ),
        PERSON,
        SECOND,
        ATTEMPT,
    ),
)
INTACT = Form(
    path="answer-intact",
    title=Said("Tidak ada kartu, blangko utuh", "No card came out, the blank is intact"),
    lead=Said(
        "Kartu ini akan dicetak lagi. Bila kartunya ternyata sudah ada, seorang warga memegang dua KTP-el yang berlaku.",
        "This card will be printed again. If it did come out after all, one person holds two valid identity cards.",
    ),
    button=Said("Ya, tidak ada kartu", "Yes, there is no card"),
    grave=True,
    fields=(
        Field(
            name="looked",
            kind="check",
            label=Said(
                "Sudah dilihat: baki keluaran, kotak tolak, dan bagian dalam printer",
                "We looked: the output tray, the reject box, and inside the printer",
            ),
        ),
        _reason(
            Said("Apa yang terlihat", "What you saw"),
            Said(
                "Misalnya: printer mati sebelum kartu ditarik",
                "Such as: printer lost power before it took a card",
            ),
        ),
        PERSON,
        SECOND,
        ATTEMPT,
    ),
)
FORMS: Mapping[str, Form] = {
    form.path: form for form in (PAUSE, RESUME, BLANKS, SUPPLIES, COUNT, TEST_CARD, GOOD, SPOILED, INTACT)
}
ANSWERS = (GOOD, SPOILED, INTACT)
