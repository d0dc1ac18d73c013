"""A clean backlog file for tests that are about something else."""

HEADER = "reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone"


def file_of(count: int, *, first: int = 0) -> bytes:
    """A clean file of as many persons."""
    lines = [HEADER]
    for n in range(first, first + count):
        day, month, year, serial = n % 28 + 1, n // 28 % 12 + 1, n // 336 % 80, 9001 + n // 26880
        birth = f"{1920 + year}-{month:02}-{day:02}"
        nik = f"210203{day:02}{month:02}{(20 + year) % 100:02}{serial}"
        lines.append(
            f"B-{n:07},{nik},BUDI SANTOSO,{birth},M,21.02.03,data_change,2018-03-{n % 28 + 1:02}T09:00:00,08110000001"
        )
    return "\n".join(lines).encode()
