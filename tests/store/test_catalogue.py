"""The keys of sites a run remembers."""

from __future__ import annotations

from geoapp.store.catalogue import KnownSites


def test_sites_met_lately_are_remembered_and_others_forgotten() -> None:
    known = KnownSites(most=8)
    known.keep({("spot", "first"): 1})
    for at in range(2, 40):
        assert known.look([("spot", "first")]) == {("spot", "first"): 1}, "it is met again and again"
        known.keep({("spot", f"other {at}"): at})
    assert known.look([("spot", "other 2"), ("spot", "other 39")]) == {("spot", "other 39"): 39}


def test_one_key_of_two_kinds_is_two_sites() -> None:
    known = KnownSites()
    known.keep({("spot", "7"): 1, ("asset", "7"): 2})
    assert known.look([("asset", "7"), ("spot", "7"), ("stretch", "7")]) == {("asset", "7"): 2, ("spot", "7"): 1}
