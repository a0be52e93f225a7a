# ruff: noqa: E501 - sentences stand as they are
"""Page furniture of made-up sites is left out; what says where an article comes from, and all reporting, stays."""

from __future__ import annotations

import pytest

from index.load import make_article
from index.sentences import split_article

HERALD = """
Bridge closes for a year

The Harbour Herald

By Ana Roe

Share this article

The bridge over the Wye will close in May. Repairs cost 9 million pounds.

Sign up for our newsletter

Follow us on Facebook and Twitter.

Read more:

Similar Posts

© 2021 Harbour Herald Ltd. All rights reserved.
"""

BLOG = """# Why the bees left

*Bo Li is an independent researcher and a regular contributor to Fieldnotes.*

Topics: [Bees](#), [Farming](#)

The bees left in June. Nobody knows why.

Why the bees left this valley so early

Why the bees left this valley so early

\\*\\*\\*

This article was originally published on [Fieldnotes](http://f.org).

[Become a member](#)

Leave a comment

You can follow Bo on [Mastodon](#).

Copyright © Bo Li, 2020

Disclaimer: The author is solely responsible for what this article says. For permission to reprint, contact the editor.
"""

WIRE = """Grain prices fall

Advertisement

LONDON, 3 May 2022

Wheat fell by 4 percent on Tuesday, traders said.

Click here to subscribe to our daily newsletter.

We use cookies to improve your visit.

Please donate today

Terms of use

This site is run without profit. For inquiries write to the desk.
"""

LEFT_OUT = {
    HERALD: ["Share this article", "Sign up for our", "Follow us on", "Read more:", "Similar Posts", "© 2021", "All rights"],
    BLOG: [
        "Topics:", "\\*\\*\\*", "Become a member", "Leave a comment", "You can follow Bo", "Copyright ©", "Disclaimer:", "For permission",
    ],
    WIRE: ["Advertisement", "Click here", "We use cookies", "Please donate", "Terms of use", "This site is run", "For inquiries"],
}  # fmt: skip
KEPT = {
    HERALD: ["Bridge closes", "The Harbour Herald", "By Ana Roe", "The bridge over", "Repairs cost"],
    BLOG: [
        "Why the bees left",
        "*Bo Li is an",
        "The bees left in",
        "Nobody knows",
        "This article was originally published on",
    ],
    WIRE: ["Grain prices", "LONDON, 3 May", "Wheat fell"],
}


def lines(text: str) -> tuple[list[str], list[str]]:
    """Sentences kept, and those left out."""
    split = split_article(make_article("a", text))
    return [s.text for s in split.kept], [s.text for s in split.sentences if s.number in split.left_out]


@pytest.mark.parametrize("page", [HERALD, BLOG, WIRE], ids=["newspaper", "blog", "wire"])
def test_furniture_is_left_out_and_the_rest_kept(page: str) -> None:
    kept, left_out = lines(page)
    for beginning in LEFT_OUT[page]:
        assert any(text.startswith(beginning) or f"[{beginning}" in text for text in left_out), beginning
    for beginning in KEPT[page]:
        assert any(text.startswith(beginning) for text in kept), beginning


def test_a_repeated_line_is_kept_once() -> None:
    kept, left_out = lines(BLOG)
    assert (
        kept.count("Why the bees left this valley so early")
        == left_out.count("Why the bees left this valley so early")
        == 1
    )


@pytest.mark.parametrize(
    "text",
    [
        "Copyright holders sued the library on Monday. They want permission to be asked. The licence was refused, a judge said.",
        "Copyright law has changed. The site’s owner is responsible for all pages. He contacted a lawyer.",
        "The newsletter reached 2 million readers. Subscribers of the newsletter pay 5 euros a month.",
        "Get well cards filled the mayor’s inbox.",
        "More than 2 million people follow Ana Roe on Twitter. Rumours like this on Telegram spread fast.",
        "The label “all rights reserved” was added in 1910.",
        "He pressed the red button below the desk.",
        "Volunteers urged people to donate blood now.",
        "Comment was not available from the ministry.",
        "Terms of service of the app were changed on Friday. Users must give permission to be contacted.",
        "The privacy policy was criticised. Our sources say that the firm is liable.",
        "Police said that they share this view. Sign language is taught here.",
        "Tags were found on 40 birds. Related news came from Peru.",
        "Donations to the party rose. Support us or leave, the rebels said.",
    ],
)
def test_reporting_about_such_things_stays(text: str) -> None:
    assert lines(text)[1] == []


def test_reporting_after_a_copyright_line_stays() -> None:
    kept, _ = lines("Title here\n\n© 2021 Ana Roe\n\nThe bridge will close in May. Repairs cost 9 million pounds.")
    assert kept == ["Title here", "The bridge will close in May.", "Repairs cost 9 million pounds."]


def test_an_article_of_nothing_but_small_print_stays() -> None:
    assert lines("Disclaimer: the author is responsible.\n\n---") == (
        ["Disclaimer: the author is responsible."],
        ["---"],
    )
