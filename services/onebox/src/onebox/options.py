"""The options many commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Satu dokumen JSON untuk mesin · one JSON document")]
Reason = Annotated[str, typer.Option("--reason", help="Alasan, tercatat · the reason, kept on record")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Hanya tunjukkan · only show what would be done")]
