"""The constants of matching, in one place. `docs/matching.md` explains each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Parameters:
    """Defaults follow the measured baseline of reciprocal rank fusion with votes; see `docs/matching.md` for what was tried."""

    candidates: int = 300
    """Documents taken from each ranking."""
    topical: float = 0.5
    """Weight of the ranking by the topics read from a text, beside those by its own meaning and words."""
    direction: int = 3
    """How many of the topics read point that ranking's way, each by the square of its cosine."""
    fusion: int = 60
    """k of reciprocal rank fusion: a document at place p adds 1 / (k + p)."""
    voters: int = 100
    """How many of the fused documents vote."""
    vote: int = 10
    """A voter at place p gives 1 / (vote + p)."""
    own: float = 0.5
    """Weight of a country's or agency's own experience beside help given to others."""
    lent: float = 0.5
    """An organisation's vote counts this much for its home country too."""
    repeats: float = 0.5
    """The n-th strongest document of a party counts 1 / n^repeats, so that many records of one kind do not outweigh a better one."""
    profile: float = 0.25
    """Weight of an organisation's own description, where documents vote for it too."""
    profiles: int = 100
    """How many organisations' descriptions are looked at: the nearest in meaning."""
    damping: float = 0.1
    """A partner's votes are divided by its number of documents to this power, so that size alone does not win."""
    region: float = 0.2
    """Added for a partner of the same region."""
    language: float = 0.2
    """Added for a partner that shares an official language."""
    earned: float = 0.15
    """From so much evidence on region and language count in full, below it in proportion: they never make up for evidence."""
    elsewhere: float = 0.5
    """Share of the evidence taken away from a body of many states whose help on record went to other regions only."""
    reach: int = 3
    """From how many records on a body is taken to keep to the regions it helped."""
    relevant: float = 0.15
    """Least centred cosine at which an offer or a funding window counts as fitting when it shares no topic."""
    supply: int = 300
    """Offers, and as many funding windows, that are looked at: the nearest in meaning."""
    variety: float = 0.25
    """What led n packages before counts 1 / (1 + n × variety) of its worth for the lead of the next."""
    topics: int = 4
    """Most topics read from a text."""
    topic_floor: float = 0.20
    """Least centred cosine for a topic to be read from a text; the nearest lends its words below it too."""
    neighbours: int = 10
    """For a text that is not in English: how many of the nearest English documents lend their words to full text."""
    shared: int = 4
    """In how many of those a word has to stand."""
    subjects: int = 4
    """From how many topics of its sentences or items on a text is matched part by part."""
    subject_floor: float = 0.25
    """Least centred cosine for a part of a text to be a subject of its own."""
    apart: float = 0.06
    """How much nearer to another field than to any topic a text is that is taken to be about something else."""
    ceiling: float = 0.25
    """Centred cosine to a topic from which a text is about digital government whatever else it is about."""

    @property
    def maximum(self) -> float:
        """The highest score there can be: all evidence, same region, same language."""
        return 1.0 + self.region + self.language


PARAMETERS: Final = Parameters()
