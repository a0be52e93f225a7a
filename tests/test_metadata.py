"""What an article states of itself, and nothing that it does not."""

from __future__ import annotations

import pytest

from index.metadata import Stated, stated_metadata

BODY = "\n\n" + "The town council met and talked for hours about many things that matter to people here. " * 3


@pytest.mark.parametrize(
    ("head", "stated"),
    [
        ("Title\n\nBy Ana Roe\n\nMay 5, 2021", Stated(author="Ana Roe", date="May 5, 2021")),
        (
            "# Title\n\nBy [Ana de Souza](#)\n\nThe Herald, 5 May 2021",
            Stated("Ana de Souza", "The Herald", "5 May 2021"),
        ),
        ("Title\n*Published on: 2021-05-05*", Stated(date="2021-05-05")),
        ("Title\nUpdated Sept. 3rd, 2020.", Stated(date="Sept. 3rd, 2020")),
        ("Source: https://x.org/a?b=1\nTitle", Stated(url="https://x.org/a?b=1")),
        ("Title\nby: Bo Li and Cy Fox", Stated(author="Bo Li and Cy Fox")),
    ],
)
def test_head_lines_are_read(head: str, stated: Stated) -> None:
    assert stated_metadata(head + BODY) == stated


@pytest.mark.parametrize(
    "text",
    [
        "",
        "By calling for a vote, the mayor angered many",  # no byline
        "By the river",
        "On May 5, 2021, the council met in the town hall",  # a date inside a line
        BODY + "\n\nBy Ana Roe\n\nMay 5, 2021",  # below the body
        "The mayor spoke at https://x.org on Monday",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert stated_metadata(text) == Stated()
