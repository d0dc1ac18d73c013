"""How an audit is told to people."""

from collections.abc import Sequence

from onebox.audit.check import Finding
from onebox.audit.promises import CHECKS
from onebox.console import out


def show_findings(findings: Sequence[Finding]) -> None:
    broken = {finding.check for finding in findings}
    for check in CHECKS:
        mark = "[red]✗[/]" if check.name in broken else "[green]✓[/]"
        out.print(f"  {mark} {check.promise:>2} {check.name}")
    for finding in findings[:50]:
        out.print(f"{finding.check}: {finding.subject}: {finding.detail}", markup=False)
    out.print(f"{len(CHECKS)} pemeriksaan · checks, {len(findings)} temuan · findings")
