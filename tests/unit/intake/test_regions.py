"""The districts: the packaged list, names by code, prefixes."""

import pytest

from intake.domain.regions import District, Regions
from intake.regions_file import packaged_regions

KARIMUN = District(code="21.02.03", name="Karimun", regency="Kabupaten Karimun", province="Kepulauan Riau")


@pytest.fixture(scope="module")
def regions() -> Regions:
    return packaged_regions()


def test_the_packaged_list_holds_every_district_of_the_country(regions: Regions) -> None:
    assert len(regions) == 7285


def test_the_packaged_list_is_read_once(regions: Regions) -> None:
    assert packaged_regions() is regions


def test_a_district_is_found_by_its_code(regions: Regions) -> None:
    assert regions.district("21.02.03") == KARIMUN
    assert KARIMUN.office == "21.02"


@pytest.mark.parametrize("code", ["21.02.99", "210203", "21.02", ""])
def test_what_is_no_code_of_a_district_is_unknown(regions: Regions, code: str) -> None:
    assert not regions.knows(code)
    assert regions.district(code) is None


def test_karimun_has_fourteen_districts_in_the_order_of_their_codes(regions: Regions) -> None:
    codes = [district.code for district in regions.of_office("21.02")]

    assert codes == [f"21.02.{n:02}" for n in range(1, 15)]


@pytest.mark.parametrize(
    ("prefix", "status"),
    [("210203", "current"), ("910103", "retired"), ("920199", "retired"), ("999903", "unknown")],
)
def test_a_prefix_is_current_retired_or_unknown(regions: Regions, prefix: str, status: str) -> None:
    assert regions.prefix_status(prefix) == status
