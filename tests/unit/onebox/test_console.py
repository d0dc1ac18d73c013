"""How the command line shows a moment and a row."""

from zoneinfo import ZoneInfo

import pytest

from onebox import console


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2018-06-29T00:30:00Z", "2018-06-29 07:30"),
        ("2018-06-29T08:00:00.250+07:00", "2018-06-29 08:00"),
        ("2018-06-29T17:00:01Z", "2018-06-30 00:00:01"),
        (None, "-"),
    ],
)
def test_a_moment_is_told_by_the_offices_clock(text: str | None, shown: str) -> None:
    assert console.local(text, ZoneInfo("Asia/Jakarta")) == shown


def test_what_names_a_row_is_never_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console.out, "_width", 40)

    console.table("Daftar", ("resi", "keterangan"), [("2102-7K3F-9QXM-4", "kata " * 20)])

    assert "2102-7K3F-9QXM-4" in capsys.readouterr().out
