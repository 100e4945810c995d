"""Texts of publishers: HTML, entities, capitals, words that stand for nothing."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies

from ingest.prose import heading, in_capitals, plain, says_nothing, sentences


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("&ldquo;One&rdquo;&nbsp;window", "“One” window"),
        ("&amp;ldquo;One&amp;rdquo; &lt;p&gt;window&lt;/p&gt;", "“One” window"),
        ("<p>First.</p><p>Second <strong>part</strong>.</p>", "First.\nSecond part."),
        ("Less <5 % of <NC> offices", "Less <5 % of <NC> offices"),
        ('<span style="font-size:8pt">a</span><br />b\r\n\r\nc', "a\nb\nc"),
        ("R&D; and AT&M;", "R&D; and AT&M;"),
    ],
)
def test_markup_goes_and_words_stay(raw: str, wanted: str) -> None:
    assert plain(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("TO MODERNIZE THE ICT OF KENYA. SO THAT TAXES ARE COLLEC- TED.", "To modernize the ICT of Kenya. So that taxes are collected."),
        ("Already written as people write.", "Already written as people write."),
        ("IT", "IT"),
    ],
)
def test_prose_in_capitals_becomes_sentences(raw: str, wanted: str) -> None:
    assert sentences(raw, "Kenya") == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("REFORM OF THE CIVIL SERVICE II", "Reform of the Civil Service II"),
        ("ID-TAX ADMIN", "ID-Tax Admin"),
        ("e-Services for all", "e-Services for all"),
        ("THE TOWN'S OFFICES", "The Town's Offices"),
    ],
)
def test_titles_in_capitals_become_titles(raw: str, wanted: str) -> None:
    assert heading(raw) == wanted


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("TBD.", True),
        ("N/A", True),
        (" - ", True),
        ("", True),
        ("c", True),
        ("To be provided", True),
        ("To be a bridge", False),
        ("Tax", False),
    ],
)
def test_words_that_stand_for_nothing(text: str, nothing: bool) -> None:
    assert says_nothing(text) is nothing


@hypothesis.given(strategies.text(max_size=200))
def test_any_text_is_cleaned_once_and_for_all(text: str) -> None:
    once = plain(text)
    assert "\r" not in once
    assert once == "\n".join(" ".join(line.split()) for line in once.split("\n"))
    assert in_capitals(text) or (sentences(text), heading(text)) == (text, text)
