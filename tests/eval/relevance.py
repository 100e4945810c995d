"""`make eval-relevance`: how well it is decided which records are about e-government, on records labelled by hand.

`relevance_labels.csv` has the labels and no text: the texts are read from the public data beside the repository. `--draw` prints a new sample to label.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from graph.embedding import EmbeddingService
from graph.settings import settings
from ingest.connector import About, Draft, Row
from ingest.connectors import CONNECTORS
from ingest.inputs import InputFile
from ingest.relevance import DIGITAL_CODES, OPEN_FROM, THRESHOLD, Classifier, Embed, Phrases
from tests.ingest.files import starter_resolver, starter_topics

LABELS: Final = Path(__file__).parent / "relevance_labels.csv"
DATA: Final = Path(__file__).parents[3] / "shared" / "data"
PAGE: Final = Path(__file__).parents[2] / "docs" / "relevance.md"
BEGIN: Final = "<!-- figures of make eval-relevance -->"
END: Final = "<!-- end of figures -->"
FOLDERS: Final = {
    "worldbank": "wb_projects",
    "iati": "iati",
    "koica": "bilateral",
    "china": "bilateral",
    "adb": "adb_projects",
    "cida": "bilateral",
}
EDITIONS: Final = {"wb-projects-2025": "wb-projects"}
"""Sources that tell of the same rows: one record, whichever edition speaks of it."""
USED: Final = "words and codes"
MEANT: Final = "words, codes and meaning"
LIKE: Final = 0.15
"""From this contrast on, meaning alone says yes: the value at which it does best on the part for tuning."""
RESAMPLES: Final = 2000
SEED: Final = "relevance"
STRATA: Final = {"taken": 35, "near": 45, "wide": 30, "rest": 20}
"""Rows to draw of each source: taken by words, nearly taken, with a word that might mean something, all others."""

Decide = Callable[[Sequence["Case"]], list[bool]]


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled record: where it stands, how it was drawn, what the labeller says, and what is judged."""

    connector: str
    source: str
    row: str
    part: str
    stratum: str
    weight: float
    about: bool
    topic: str
    sure: bool
    texts: tuple[About, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """Precision and recall for all records of the sources, each with the middle 95 % of resampled samples, and the number of rows drawn."""

    precision: float
    recall: float
    precision_between: tuple[float, float]
    recall_between: tuple[float, float]
    rows: int


def labels() -> list[Case]:
    with LABELS.open(encoding="utf-8", newline="") as stream:
        return [
            Case(
                r["connector"],
                r["source"],
                r["row"],
                r["part"],
                r["stratum"],
                float(r["weight"]),
                r["about"] == "yes",
                r["topic"],
                r["sure"] == "yes",
            )
            for r in csv.DictReader(stream)
        ]


def _identifier(connector: str, cells: Any) -> str | None:
    """A row's identifier by a look at its cells, where that is cheap: most rows need not be read."""
    match connector:
        case "worldbank":
            return str(cells.get("id", "")).upper()
        case "iati":
            return getattr(cells, "identifier", "")
        case "china":
            return f"project_id {cells.get('project_id', '')}"
        case "adb":
            return str(cells.cells.get("Project Number", ""))
    return None


def records(connector: str, folder: Path, wanted: frozenset[str] | None = None) -> Iterator[tuple[str, str, About]]:
    """Source, row identifier and what is judged, of every row of a source's files or of the `wanted` rows."""
    reader, resolver = CONNECTORS[connector], starter_resolver()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        file = InputFile(path, str(path), path.name)
        if not reader.recognises(file):
            continue
        for row in reader.rows(file):
            if not isinstance(row, Row):
                continue
            identifier = _identifier(connector, row.cells)
            if wanted is not None and identifier is not None and identifier not in wanted:
                continue
            draft = reader.read(row, resolver)
            if isinstance(draft, Draft) and draft.about:
                source = (draft.source or reader.source(file)).key
                yield EDITIONS.get(source, source), draft.row, draft.about


def joined(data: Path, cases: Iterable[Case]) -> list[Case]:
    """The cases with their texts. A case whose row is not in the files raises LookupError: then the files are others than those labelled."""
    cases = list(cases)
    texts: dict[tuple[str, str, str], dict[About, None]] = defaultdict(dict)
    for connector in dict.fromkeys(case.connector for case in cases):
        wanted = frozenset(case.row for case in cases if case.connector == connector)
        for source, row, about in records(connector, data / FOLDERS[connector], wanted):
            texts[connector, source, row].setdefault(about)
    found = [replace(case, texts=tuple(texts[case.connector, case.source, case.row])) for case in cases]
    if missing := [f"{case.connector} {case.row}" for case in found if not case.texts]:
        raise LookupError(f"{len(missing)} labelled rows are not in the files, first {missing[0]}.")
    return found


def by_classifier(classifier: Classifier, *, codes: bool = True) -> Decide:
    """A record is taken when one of its editions is."""

    def decide(cases: Sequence[Case]) -> list[bool]:
        flat = [(place, about if codes else replace(about, codes=())) for place, case in enumerate(cases) for about in case.texts]
        taken = {place for (place, _), v in zip(flat, classifier.judge([about for _, about in flat]), strict=True) if v.in_scope}
        return [place in taken for place in range(len(cases))]

    return decide


def by_code(cases: Sequence[Case]) -> list[bool]:
    return [any(DIGITAL_CODES & set(about.codes) for about in case.texts) for case in cases]


def by_meaning(classifier: Classifier, least: float = LIKE) -> Decide:
    """Whether a record's meaning is much nearer to e-government than to other work, whatever its words."""

    def decide(cases: Sequence[Case]) -> list[bool]:
        flat = [(place, about) for place, case in enumerate(cases) for about in case.texts]
        contrasts = classifier.contrasts([about for _, about in flat])
        taken = {place for (place, _), value in zip(flat, contrasts, strict=True) if value >= least}
        return [place in taken for place in range(len(cases))]

    return decide


def estimate(cases: Sequence[Case], taken: Sequence[bool]) -> Estimate:
    """Each row stands for `weight` rows of its stratum. The intervals come from drawing each stratum again from its own rows."""
    weights = np.array([case.weight for case in cases])
    yes, said = np.array([case.about for case in cases]), np.array(taken)
    strata = defaultdict(list)
    for place, case in enumerate(cases):
        strata[case.connector, case.stratum].append(place)
    random_ = np.random.default_rng(20261124)
    drawn = np.zeros((RESAMPLES, len(cases)))
    for places in strata.values():
        drawn[:, places] = random_.multinomial(len(places), [1 / len(places)] * len(places), size=RESAMPLES)
    with np.errstate(invalid="ignore"):
        precision, recall = _figures(np.ones((1, len(cases))) * weights, yes, said)
        precisions, recalls = _figures(drawn * weights, yes, said)
    return Estimate(float(precision[0]), float(recall[0]), _middle(precisions), _middle(recalls), len(cases))


def _figures(weights: Any, yes: Any, said: Any) -> tuple[Any, Any]:
    hit = weights[:, yes & said].sum(axis=1)
    return hit / weights[:, said].sum(axis=1), hit / weights[:, yes].sum(axis=1)


def _middle(values: Any) -> tuple[float, float]:
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def methods(embed: Embed | None) -> dict[str, Decide]:
    """What is compared. What needs vectors is left out without `embed`."""
    topics = starter_topics()
    plain = Classifier(topics)
    found = {"words alone": by_classifier(plain, codes=False), "code 22040 alone": by_code, USED: by_classifier(plain)}
    if embed is not None:
        found |= {"meaning alone": by_meaning(Classifier(topics, embed)), MEANT: by_classifier(Classifier(topics, embed))}
    return found


def measured(cases: Sequence[Case], chosen: Mapping[str, Decide]) -> dict[str, dict[str, Estimate]]:
    """Estimates by source, and for all of them, by method."""
    out: dict[str, dict[str, Estimate]] = defaultdict(dict)
    for name, decide in chosen.items():
        taken = decide(cases)
        for source in (*FOLDERS, "all"):
            places = [place for place, case in enumerate(cases) if source in (case.connector, "all")]
            out[source][name] = estimate([cases[place] for place in places], [taken[place] for place in places])
    return dict(out)


def topic_share(cases: Sequence[Case], embed: Embed | None) -> tuple[int, int]:
    """Of the records that are rightly taken: how many got the labelled topic, one of its kin or its parent; of how many."""
    topics = starter_topics()
    parents = {t["id"].partition(":")[2]: (t["parent"] or "").partition(":")[2] for t in topics}
    classifier = Classifier(topics, embed)
    right = of = 0
    for case in cases:
        verdicts = [v for v in classifier.judge(case.texts) if v.in_scope]
        if case.about and verdicts:
            family = {case.topic, parents[case.topic]} | {
                t for t, parent in parents.items() if parent and parent in (parents[case.topic], case.topic)
            }
            of += 1
            right += any(topic.partition(":")[2] in family for v in verdicts for topic in v.topics)
    return right, of


def table(figures: Mapping[str, Mapping[str, Estimate]]) -> str:
    names = list(next(iter(figures.values())))
    lines = ["| Source | rows | " + " | ".join(names) + " |", "| --- | --: | " + " | ".join("--:" for _ in names) + " |"]
    for source, found in figures.items():
        cells = [_cell(found[name]) for name in names]
        lines.append(f"| {source} | {found[names[0]].rows} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(found: Estimate) -> str:
    def figure(value: float, between: tuple[float, float]) -> str:
        return "–" if np.isnan(value) else f"{value:.2f} ({between[0]:.2f}–{between[1]:.2f})"

    return f"{figure(found.precision, found.precision_between)} / {figure(found.recall, found.recall_between)}"


def draw(data: Path, seed: str) -> Iterator[tuple[str, ...]]:
    """A new stratified sample: connector, source, row, stratum, weight, title, beginning of the text. For reading, not for committing."""
    classifier, random_ = Classifier(starter_topics()), random.Random(seed)
    for connector, folder in FOLDERS.items():
        found: dict[tuple[str, str], list[About]] = defaultdict(list)
        for source, row, about in records(connector, data / folder):
            found[source, row].append(about)
        strata: dict[str, list[tuple[str, str]]] = {name: [] for name in STRATA}
        for place, texts in found.items():
            strata[_stratum(classifier, texts)].append(place)
        for name, places in strata.items():
            chosen = random_.sample(sorted(places), min(STRATA[name], len(places)))
            for source, row in chosen:
                about = max(found[source, row], key=lambda a: len(a.text))
                yield connector, source, row, name, f"{len(places) / len(chosen):.3f}", about.title[:160], about.text[:400]


WIDE: Final = Phrases(
    "system* sistem* regist* inform* comput* data datos donnees statist* estadist* custom* aduan* douan* tax* impuest* impot* fiscal* ident* census* censo* "
    "digit* electr* tele* network* red reseau* cadast* catast* port* online internet cyber* softw* technolog* tecnolog* automat* moderni* monitor* govern* gobern* gouvern* admin* procure* budget* civil*".split()
)


def _stratum(classifier: Classifier, texts: Sequence[About]) -> str:
    best = max(v.confidence for v in classifier.judge(texts))
    if best >= THRESHOLD:
        return "taken"
    if best >= OPEN_FROM:
        return "near"
    words = " ".join(f"{a.title} {a.text}" for a in texts).casefold().split()
    return "wide" if WIDE.find(set(words), f" {' '.join(words)} ") else "rest"


def report(cases: Sequence[Case], figures: Mapping[str, Mapping[str, Estimate]], topics: tuple[int, int]) -> str:
    counts = Counter((case.stratum, case.about) for case in cases)
    far = [case for case in cases if case.stratum in ("wide", "rest")]
    many = sum(case.weight for case in far)
    return "\n\n".join(
        [
            f"Measured on {datetime.now(UTC).date().isoformat()} on {len(cases)} records that nothing was tuned on, {sum(c.about for c in cases)} of them about e-government.",
            "Precision / recall, each with its interval:",
            table(figures),
            (
                f"Of the {counts['near', True] + counts['near', False]} records drawn that the words nearly took, {counts['near', True]} are about e-government; of the {len(far)} drawn from the "
                f"{many:,.0f} records with no such words, {sum(c.about for c in far)} are. {len(far)} records cannot say that there are none: with 95 % confidence at most {3 / len(far):.1%} are, which could lower recall."
            ),
            f"Of {topics[1]} records rightly taken, {topics[0]} got the labelled topic or one of the same branch.",
        ]
    )


async def main(options: argparse.Namespace) -> None:
    data = Path(options.data)
    if options.draw:
        writer = csv.writer(sys.stdout)
        writer.writerows(draw(data, options.seed))
        return
    service, loop = EmbeddingService(settings()), asyncio.get_running_loop()
    service.start()

    def embed(texts: Sequence[str]) -> Any:
        return asyncio.run_coroutine_threadsafe(service.passages(texts), loop).result()

    try:
        cases = await asyncio.to_thread(joined, data, [case for case in labels() if case.part == options.part])
        figures = await asyncio.to_thread(measured, cases, methods(embed))
        topics = await asyncio.to_thread(topic_share, cases, None)
    finally:
        await service.close()
    text = report(cases, figures, topics)
    print(text)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
        PAGE.write_text(f"{page[:begin]}\n\n{text}\n\n{page[end:]}", encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make eval-relevance", description=__doc__)
    parser.add_argument("--data", default=str(DATA), help="folder of public data")
    parser.add_argument("--part", default="holdout", choices=("holdout", "tune"), help="which part of the labelled records")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/relevance.md")
    parser.add_argument("--draw", action="store_true", help="print a new sample, with texts, to be read and labelled")
    parser.add_argument("--seed", default=SEED, help="seed of the new sample")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
