"""What is put back into a claim: only words its source has in that place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.complete import complete
from qa.locks import figures

TRAMS = "Leeds keeps around 2,500 trams in the north and nearly 1,000 in the south; York has 600 of them."
LOSS = "The city lost at least 40 trams in 2019, according to the transport union."


@pytest.mark.parametrize(
    ("claim", "source", "whole"),
    [
        ("Leeds keeps 2,500 trams in the north.", TRAMS, "Leeds keeps around 2,500 trams in the north."),
        ("1,000 trams are in the south.", TRAMS, "Nearly 1,000 trams are in the south."),
        ("Leeds keeps 2,500 and 1,000 trams.", TRAMS, "Leeds keeps around 2,500 and nearly 1,000 trams."),
        ("Leeds keeps about 2,500 trams.", TRAMS, "Leeds keeps about 2,500 trams."),
        ("The 2,500 trams are in the north.", TRAMS, "The 2,500 trams are in the north."),
        ("York has 600.", TRAMS, "York has 600."),
        ("Twelve were late.", "Nearly twelve were late, and 3 broke down.", "Nearly twelve were late."),
        ("12 were late.", "Nearly 12 were late; 12 more broke down.", "12 were late."),  # which 12?
        ("It lost 40 trams.", LOSS, "It lost at least 40 trams, according to the transport union."),
        ("The union says it lost at least 40 trams.", LOSS, "The union says it lost at least 40 trams."),
        ("12 came.", "No more than 12 came.", "No more than 12 came."),
        ("12 came.", "No fewer than 12 came.", "No fewer than 12 came."),
        ("It costs 12 euros.", "It may not cost more than 12 euros.", "It costs 12 euros."),  # half of it is no hedge
        ("12 came.", "The mayor did not come, but at least 12 others came.", "At least 12 came."),
        ("It closed.", "According to the union, it closed.", "It closed."),  # checked elsewhere: see qa/faithful.py
        ("", LOSS, ""),
    ],
)
def test_what_is_put_back(claim: str, source: str, whole: str) -> None:
    assert complete(claim, source) == whole


def test_who_stands_beside_the_claim_is_not_named_twice() -> None:
    assert complete("It lost at least 40 trams.", LOSS, said_by="Transport Union") == "It lost at least 40 trams."


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_is_lost_and_no_figure_added(claim: str, source: str) -> None:
    whole = complete(claim, source)
    assert figures(claim) <= figures(whole) <= figures(claim) | figures(source)
    assert len(whole) >= len(claim.rstrip(" ."))


@given(st.sampled_from([TRAMS, LOSS]))
def test_a_source_is_complete(source: str) -> None:
    assert complete(source, source) == source
