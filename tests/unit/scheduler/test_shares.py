"""What a claim was promised and got of a run of picks."""

from scheduler.domain.policy import Claim, Policy
from scheduler.domain.shares import Share, Taken, shares

FAR = Claim(name="far", permille=500, districts=frozenset({"21.02.09"}))
RARE = Claim(name="rare", permille=100, kinds=frozenset({"damaged"}))
POLICY = Policy(version=1, head_starts={}, claims=(FAR, RARE), suspensions=(), urgent_per_day=0)


def taken(district: str, why: str = "rank", live: tuple[str, ...] = ("far",)) -> Taken:
    return Taken("lost", district, why, live)


def test_only_picks_at_which_it_had_a_card_count_for_a_claim() -> None:
    picks = [taken("21.02.09"), taken("21.02.09", "far"), taken("21.02.01"), taken("21.02.01", live=())]

    found, rare = shares(picks, POLICY)

    assert found == Share(name="far", permille=500, picks=3, promised=1, got=2, bound=1, behind=0)
    assert rare == Share(name="rare", permille=100, picks=0, promised=0, got=0, bound=0, behind=0)


def test_a_claim_that_was_passed_over_is_behind() -> None:
    found, _ = shares([taken("21.02.01")] * 8, POLICY)

    assert (found.promised, found.got, found.behind) == (4, 0, 4)


def test_of_no_picks_nothing_was_promised() -> None:
    assert [share.promised for share in shares([], POLICY)] == [0, 0]
