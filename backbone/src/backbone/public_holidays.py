"""Indonesia's public holidays and joint leave, by default; an officer's overrides stand above them."""

from datetime import date

import holidays

CATEGORIES = (holidays.PUBLIC, holidays.GOVERNMENT)


def holidays_between(start: date, end: date) -> dict[date, str]:
    """Days off from start to end, both included, in order, with their Indonesian names (several: joined by `; `).

    From the `holidays` library (0.109): PUBLIC, election days too where a presidential decree made one a day off
    (27 June 2018 is listed), and GOVERNMENT, the joint leave (cuti bersama) of 2002 to 2027. It knows **no joint leave
    from 2028 on**, no election after 2024, and no decree later than itself; dates of a moon calendar that no decree has
    fixed yet end in `(perkiraan)` (estimated). Years outside 1946 to 2100 have none.
    """
    years = range(start.year, end.year + 1)
    found = holidays.country_holidays("ID", years=years, language="id", categories=CATEGORIES)
    return {day: name for day, name in sorted(found.items()) if start <= day <= end}
