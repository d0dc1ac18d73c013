"""What the printer says of itself and of its jobs, as IPP attributes."""

from datetime import datetime

from simulator.card_printer import ipp
from simulator.card_printer.machine import Job, Machine

MEDIA = "om_card_54x86mm"
OPERATIONS = (0x0004, 0x0005, 0x0006, 0x0008, 0x0009, 0x000A, 0x000B)
IDLE, PROCESSING, STOPPED = 3, 4, 5
UUID = "urn:uuid:0191a6c0-0000-7000-8000-00000000cafe"


def printer(machine: Machine, uri: str) -> ipp.Attributes:
    """The printer's description now."""
    return _standing(uri) | _now(machine)


def job(job: Job, uri: str, machine: Machine) -> ipp.Attributes:
    """A job's description now; times are seconds since the power came on."""
    found = {
        "job-id": ipp.numbers(job.id),
        "job-uri": ipp.texts(ipp.URI, f"{uri}/{job.id}"),
        "job-uuid": ipp.texts(ipp.URI, job.uuid),
        "job-name": ipp.texts(ipp.NAME, job.name),
        "job-originating-user-name": ipp.texts(ipp.NAME, job.user),
        "job-printer-uri": ipp.texts(ipp.URI, uri),
        "job-state": ipp.numbers(job.state, tag=ipp.ENUM),
        "job-state-reasons": ipp.texts(ipp.KEYWORD, *job.reasons),
        "job-k-octets": ipp.numbers(job.kilobytes),
        "job-media-sheets-completed": ipp.numbers(job.cards),
        "job-impressions-completed": ipp.numbers(2 * job.cards),
        "time-at-creation": ipp.numbers(_up(machine, job.created_at)),
    }
    for name, moment in (("time-at-processing", job.began_at), ("time-at-completed", job.ended_at)):
        if moment is not None:
            found[name] = ipp.numbers(_up(machine, moment))
    return found


def _up(machine: Machine, moment: datetime) -> int:
    return 1 + int((moment - machine.started_at).total_seconds())


def _standing(uri: str) -> dict[str, ipp.Tagged]:
    return {
        "charset-configured": ipp.texts(ipp.CHARSET, "utf-8"),
        "charset-supported": ipp.texts(ipp.CHARSET, "utf-8"),
        "compression-supported": ipp.texts(ipp.KEYWORD, "none"),
        "document-format-default": ipp.texts(ipp.MIME, "application/pdf"),
        "document-format-supported": ipp.texts(ipp.MIME, "application/pdf"),
        "generated-natural-language-supported": ipp.texts(ipp.LANGUAGE, "en"),
        "natural-language-configured": ipp.texts(ipp.LANGUAGE, "en"),
        "ipp-versions-supported": ipp.texts(ipp.KEYWORD, "1.1", "2.0"),
        "media-default": ipp.texts(ipp.KEYWORD, MEDIA),
        "media-supported": ipp.texts(ipp.KEYWORD, MEDIA),
        "multiple-document-jobs-supported": ipp.Tagged(tag=ipp.BOOLEAN, values=(False,)),
        "operations-supported": ipp.numbers(*OPERATIONS, tag=ipp.ENUM),
        "pages-per-minute": ipp.numbers(1),
        "pdl-override-supported": ipp.texts(ipp.KEYWORD, "attempted"),
        "printer-info": ipp.texts(ipp.TEXT, "Simulated card printer"),
        "printer-location": ipp.texts(ipp.TEXT, ""),
        "printer-make-and-model": ipp.texts(ipp.TEXT, "Cetak Simulated Card Printer"),
        "printer-name": ipp.texts(ipp.NAME, "cards"),
        "printer-uri-supported": ipp.texts(ipp.URI, uri),
        "printer-uuid": ipp.texts(ipp.URI, UUID),
        "sides-supported": ipp.texts(ipp.KEYWORD, "one-sided", "two-sided-long-edge"),
        "uri-authentication-supported": ipp.texts(ipp.KEYWORD, "none"),
        "uri-security-supported": ipp.texts(ipp.KEYWORD, "none"),
    }


def _now(machine: Machine) -> dict[str, ipp.Tagged]:
    busy = IDLE if machine.quiet else PROCESSING
    return {
        "marker-colors": ipp.texts(ipp.NAME, "#00FFFF#FF00FF#FFFF00#000000"),
        "marker-high-levels": ipp.numbers(100),
        "marker-levels": ipp.numbers(machine.ribbon_percent),
        "marker-low-levels": ipp.numbers(5),
        "marker-names": ipp.texts(ipp.NAME, "YMCKO ribbon"),
        "marker-types": ipp.texts(ipp.KEYWORD, "ribbon"),
        "media-ready": ipp.texts(ipp.KEYWORD, MEDIA) if machine.hopper else ipp.texts(ipp.KEYWORD, "none"),
        "printer-is-accepting-jobs": ipp.Tagged(tag=ipp.BOOLEAN, values=(True,)),
        "printer-state": ipp.numbers(STOPPED if machine.stoppers() else busy, tag=ipp.ENUM),
        "printer-state-reasons": ipp.texts(ipp.KEYWORD, *machine.reasons),
        "printer-up-time": ipp.numbers(_up(machine, machine.clock.now())),
        "queued-job-count": ipp.numbers(sum(not job.ended for job in machine.jobs.values())),
    }
