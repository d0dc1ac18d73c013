"""The page at `/`: plain links to what this process serves."""

from collections.abc import Sequence
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

PAGE = """<!doctype html>
<html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Cetak {office}</title>
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}}
h1{{margin-bottom:0}} table{{border-collapse:collapse;width:100%}} td,th{{text-align:left;padding:.3rem .8rem .3rem 0;
border-bottom:1px solid #ddd}} .note{{background:#fff3cd;padding:.6rem 1rem;border-radius:.4rem}}</style>
<h1>Cetak</h1><p>Kantor {office} · <em>Office {office}</em></p>{note}
<table><tr><th>Layanan / Service<th>Antrean / Queue<th>Siap / Ready<th>Metrik / Metrics<th>Dokumentasi / Docs</tr>
{rows}</table>
</html>"""
NOTE = """<p class="note">Pusat data dimainkan oleh simulator: kartu yang tercetak adalah SPESIMEN.<br>
<em>The data centre is played by a simulator: cards printed here are SPECIMENS.</em></p>"""


def routes(office: str, names: Sequence[str], *, simulated: bool) -> list[Route]:
    """The page and a liveness probe; `names` are the services' paths."""

    async def page(request: Request) -> HTMLResponse:
        rows = "\n".join(
            f"<tr><td>{_named(name)}<td><a href='/{name}/queue'>queue</a><td><a href='/{name}/health/ready'>ready</a>"
            f"<td><a href='/{name}/metrics'>metrics</a><td><a href='/{name}/docs'>docs</a></tr>"
            for name in map(escape, names)
        )
        return HTMLResponse(PAGE.format(office=escape(office), rows=rows, note=NOTE if simulated else ""))

    async def live(request: Request) -> JSONResponse:
        return JSONResponse({"status": "pass"}, media_type="application/health+json")

    return [Route("/", page), Route("/health/live", live)]


def _named(name: str) -> str:
    """A service's path; a station's leads to its own page."""
    return f"<a href='/{name}/'>{name}</a>" if name.startswith("stations/") else name
