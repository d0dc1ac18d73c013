"""How the command line shows a row."""

import pytest

from onebox import console


def test_what_names_a_row_is_never_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console.out, "_width", 40)

    console.table("Daftar", ("resi", "keterangan"), [("2102-7K3F-9QXM-4", "kata " * 20)])

    assert "2102-7K3F-9QXM-4" in capsys.readouterr().out
