"""Refuses links in the documentation that lead nowhere, and files named in it that do not exist."""

import re
import subprocess
import sys
from pathlib import Path

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:services|backbone|deploy|tests|\.ci)/[\w./-]+)`")


def main() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"], check=True, capture_output=True, text=True
    )
    complaints = []
    for page in map(Path, listed.stdout.split()):
        text = page.read_text()
        for target in LINK.findall(text):
            if (
                not target.startswith(("http://", "https://", "mailto:"))
                and not (page.parent / target).exists()
            ):
                complaints.append(f"{page}: the link {target} leads nowhere")
        complaints += [
            f"{page}: {named} does not exist" for named in NAMED.findall(text) if not Path(named).exists()
        ]
    print("\n".join(complaints), end="\n" if complaints else "")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()
