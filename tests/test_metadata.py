"""What an article states of itself, and nothing that it does not."""

from __future__ import annotations

import pytest

from index.metadata import Stated, stated_fields, stated_metadata

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
        ("Title\n\nReuters News Agency, Oct. 5, 2021", Stated(publisher="Reuters News Agency", date="Oct. 5, 2021")),
        ("JERUSALEM, October 27, 2023\n\nTitle", Stated(date="October 27, 2023")),  # a city is no publisher
        ("Title\nNew York, 5 May 2021", Stated(date="5 May 2021")),
        (
            "Title\nVox Populi, 5 May 2021\n\nShort.\n\n© 2021 Ana Roe, Vox Populi",
            Stated(publisher="Vox Populi", date="5 May 2021"),  # for the article says so elsewhere
        ),
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


def test_named_values_are_read_under_their_usual_names() -> None:
    values = {
        "Headline": " A\n tram ",
        "source": {"id": None, "name": "Herald"},
        "authors": ["Ana Roe", {"name": "Bo"}],
    }
    more = {"date_published": 2021, "link": "", "URL": "https://x.org", "lang": True, "size": 3}
    wanted = Stated("Ana Roe, Bo", "Herald", "2021", "https://x.org", "A tram", None)
    assert stated_fields({**values, **more}) == wanted
    assert stated_fields({"Kop": "A tram", "title": "no"}, names={"title": "kop"}).title == "A tram"


def test_what_is_stated_first_goes_first() -> None:
    assert Stated(title="Mine").over(Stated(title="Theirs", date="2021")) == Stated(title="Mine", date="2021")
