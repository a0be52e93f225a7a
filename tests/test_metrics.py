from __future__ import annotations

import pytest

from qa.loose import loose_words
from qa.metrics import (
    Figure,
    Quote,
    article_precision,
    article_recall,
    balanced_figure,
    cite_precision,
    cite_recall,
    contains,
    mean_figure,
    missed_sets,
    normalise,
    percentiles,
    same_sentence,
    set_recall,
    unmatched_groups,
)

LONG = Quote("a", "The bridge was opened in 1932 by the mayor, who had fought for it.")
SHORT = Quote("a", "The bridge was opened in 1932 by the mayor")
OTHER = Quote("a", "Nobody crossed it before noon.")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ""),
        ("  Two\n\n words\t", "two words"),
        ("Hamas’ “unspoken” ‘alliance’", "hamas' unspoken 'alliance'"),
        ("By [Ada Byron](https://example.org/a_b)", "by ada byron"),
        ('*bold*, \\"quoted\\"', "bold , quoted"),
        ("[1] stays", "[1] stays"),
    ],
)
def test_normalise(text: str, wanted: str) -> None:
    assert normalise(text) == wanted


@pytest.mark.parametrize(
    ("text", "alternative", "found"),
    [
        ("in 2014", "4", False),
        ("200,000 people", "200", False),
        ("200,000 people", "000", False),
        ("1.86 m", "86", False),
        ("86 countries", "86", True),
        ("some 86, they say", "86", True),
        ("it was 86.", "86", True),
        ("It’s Israel’s border", "israel's", True),
        ("the “axis of\nevil”", "axis of evil", True),
        ("the U.S. led", "u.s.", True),
        ("terrorists", "terror", False),
        ("a.b", "a+b", False),
        ("anything", "", False),
        ("anything", '"', False),
        ("", "x", False),
    ],
)
def test_contains_matches_whole_words_and_numbers(text: str, alternative: str, found: bool) -> None:
    assert contains(text, alternative) is found


def test_every_group_needs_one_alternative() -> None:
    groups = [["30", "thirty"], ["french", "france"], []]
    assert unmatched_groups("Thirty of them were French.", groups) == (2,)
    assert unmatched_groups("", groups) == (0, 1, 2)
    assert unmatched_groups("anything", []) == ()


def test_sentences_match_within_one_article_and_from_a_third_of_the_length() -> None:
    assert same_sentence(LONG, SHORT)
    assert same_sentence(SHORT, LONG)
    assert not same_sentence(LONG, Quote("b", LONG.text))
    assert not same_sentence(LONG, OTHER)
    assert same_sentence(Quote("a", "abcdef"), Quote("a", "ab"))  # exactly a third
    assert not same_sentence(Quote("a", "abcdefg"), Quote("a", "ab"))
    assert not same_sentence(Quote("a", "“”"), Quote("a", "“”"))  # nothing left of either


def test_recall_is_the_share_of_sets_with_a_cited_sentence() -> None:
    gold = [LONG, OTHER, Quote("b", "A third thing.")]
    assert cite_recall([SHORT], gold, [[0, 1], [2]]) == 0.5
    assert cite_recall([SHORT, OTHER], gold, [[0, 1]]) == 1
    assert cite_recall([SHORT, SHORT], gold, [[0], [2]]) == 0.5
    assert cite_recall([], gold, [[0]]) == 0
    assert cite_recall([SHORT], [], []) is None
    assert missed_sets([SHORT], gold, [[1], [0], [2]]) == (0, 2)


def test_precision_is_the_share_of_distinct_citations_that_are_gold() -> None:
    assert cite_precision([SHORT, OTHER], [LONG]) == 0.5
    assert cite_precision([SHORT, SHORT, OTHER], [LONG]) == 0.5
    assert cite_precision([Quote("b", LONG.text)], [LONG]) == 0
    assert cite_precision([], [LONG]) is None
    assert cite_precision([LONG], []) is None


def test_article_level() -> None:
    gold = [LONG, Quote("b", "A third thing.")]
    assert article_precision([OTHER, Quote("c", "x")], gold) == 0.5
    assert article_recall([OTHER], gold, [[0], [1]]) == 0.5
    assert article_precision([], gold) is None
    assert article_recall([], gold, [[0]]) == 0
    assert article_recall([], gold, []) is None


def test_set_recall_by_place() -> None:
    ranking = [("a", 1), ("a", 2), ("b", 1)]
    sets = [{("a", 2)}, {("b", 9), ("b", 1)}]
    assert [set_recall(ranking, sets, k=k) for k in (1, 2, 3, 10)] == [0, 0.5, 1, 1]
    assert set_recall([], [set()], k=1) == 0
    assert set_recall(ranking, [], k=1) is None


def test_mean_figure() -> None:
    assert mean_figure([]) == Figure(None, None, None, 0)
    assert mean_figure([[], []]) == Figure(None, None, None, 0)
    assert mean_figure([[1.0]] * 5) == Figure(1, 1, 1, 5)
    figure = mean_figure([[1.0], [0.0]] * 50)
    assert figure.value == 0.5
    assert figure.n == 100
    assert figure.low == pytest.approx(0.4, abs=0.03)  # 1.96 * 0.05 either side
    assert figure.high == pytest.approx(0.6, abs=0.03)
    assert figure == mean_figure([[1.0], [0.0]] * 50)


def test_turns_of_a_conversation_are_drawn_together() -> None:
    apart = mean_figure([[1.0], [0.0]] * 20)
    together = mean_figure([[1.0] * 10, [0.0] * 10] * 2)
    assert apart.value == together.value == 0.5
    assert (together.high or 0) - (together.low or 0) > (apart.high or 0) - (apart.low or 0)


def test_balanced_accuracy() -> None:
    figure = balanced_figure([[1.0], [1.0], [0.0], [1.0]], [[0.0], [0.0], [1.0], [0.0], [0.0]])
    assert figure.value == pytest.approx((0.75 + 0.8) / 2)
    assert figure.n == 9
    assert balanced_figure([], [[1.0]]) == Figure(None, None, None, 1)


def test_percentiles() -> None:
    assert percentiles([1, 2, 3, 4], (0, 50, 100)) == (1, 2.5, 4)
    assert percentiles([7], (95,)) == (7,)
    with pytest.raises(ValueError, match="at least one"):
        percentiles([], (50,))


@pytest.mark.parametrize(
    ("claim", "cited", "loose"),
    [
        ("86 countries", ["It includes 86 countries."], ()),
        ("86 countries", ["It includes 80 countries.", "Some 86 left."], ()),
        ("88 countries", ["It includes 86 countries."], ("88",)),
        ("thirty people", ["30 people"], ()),
        ("200 thousand", ["200,000 nationals"], ()),
        ("200 nationals", ["200,000 nationals"], ("200",)),
        ("1.5 million", ["1,500,000"], ()),
        ("one of them", ["some of them"], ()),
        ("two of them", ["some of them"], ("two",)),
        ("In October 2023", ["on Oct. 7, 2023"], ()),
        ("In October 2023", ["in 2023"], ("October",)),
        ("On Tuesday it may rain", ["On Wednesday it rained"], ("Tuesday",)),
        ("He called it an “axis of evil”", ["an “axis of\nevil”, he said"], ()),
        ('He called it an "axis of good"', ["an “axis of evil”, he said"], ("axis of good",)),
        ("“the fight … goes on”", ["The fight, he said, goes on."], ()),
        ("Israel's and Hamas' words", ["nothing"], ()),
        ("", [], ()),
    ],
)
def test_loose_words(claim: str, cited: list[str], loose: tuple[str, ...]) -> None:
    assert loose_words(claim, cited) == loose
