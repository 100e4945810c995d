"""The page of figures, `docs/matching-quality.md`, from what was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from graph import scoring
from graph.matching import PARAMETERS
from tests.eval.measuring import LANGUAGES, NEEDS, Languages, Refusals, Track

SIMPLE: Final = {"data only": "hybrid vote + region + language", "with cases": "cases: hybrid vote + region + language (recommended)"}
TASKS: Final = {"countries": "T1 countries", "organisations": "T2 organisations (primary)"}
SHOWN: Final = ("micro_r5", "micro_mrr", "macro_r5", "macro_mrr")
Baselines = Mapping[tuple[str, str], Mapping[str, float]]


def baselines(pairs: Path) -> Baselines:
    """Of each part and track: the figures of the best simple method, from the file beside the pairs; nothing where there is none."""
    path = pairs.with_name("baselines_dev.json")
    if not path.exists():
        return {}
    known = json.loads(path.read_text(encoding="utf-8"))["baselines"]
    out = {}
    for name, method in SIMPLE.items():
        for part, task in TASKS.items():
            figures = known.get(method, {}).get("figures", {}).get(task, {}).get("all")
            if figures:
                out[part, name] = {measure: figures[measure][0] for measure in SHOWN}
    return out


def flat(tracks: Sequence[Track], spoken: Languages, refused: Refusals) -> dict[str, float]:
    """Every figure that a floor can be set for, by name; more is better."""
    out = {name: interval.value for one in tracks for name, interval in one.figures.items()}
    return out | {
        "languages: share of the reciprocal rank in English": spoken.share,
        "languages: countries of the first ten shared with English": spoken.common,
        "off topic: refused": refused.refused / refused.off_topic,
        "off topic: wrongly refused": -refused.wrongly / refused.on_topic,
    }


def shown(tracks: Sequence[Track], spoken: Languages) -> dict[str, float]:
    """The figures that the page "How matching works" shows."""
    by_name = {one.name: one.figures for one in tracks}
    out = {}
    for track, short in (("data only", "data"), ("with cases", "cases")):
        for part in TASKS:
            out[f"{part}_{short}"] = round(by_name[track][f"{part}, {track}: macro_r5"].value, 3)
    return out | {"languages": round(spoken.share, 3)}


def page(
    tracks: Sequence[Track], spoken: Languages, refused: Refusals, by_group: Mapping[str, Mapping[str, Sequence[str]]], simple: Baselines
) -> str:
    pairs = len(tracks[0].countries), len(tracks[0].organisations)
    lines = [
        "# How good matches are",
        "",
        "<!-- Made by `make eval`. Change the code or the data, not this page. -->",
        "",
        f"Measured on real cooperation: needs that a partner met, {pairs[0]} with a country and {pairs[1]} with an organisation as the partner. What",
        "happened afterwards is hidden from the network while it answers ([the leak rule](matching.md#evaluation)). *Recall at 5*: the partner that",
        "really helped is among the first five. *Reciprocal rank*: 1 where it is first, 1/2 where second, and so on. *Each pair* counts every",
        "case once, *each partner* every partner once, so that a few big ones do not decide. Brackets hold 95 % intervals: the pairs are few, and a",
        "difference in the second decimal says nothing. *Simple method* is the best of a dozen that were measured before: an even mix of words and",
        "meaning with a little for region and language.",
        "",
        "| Partners, track | Recall at 5, each pair | Reciprocal rank, each pair | Recall at 5, each partner | Reciprocal rank, each partner |",
        "| --- | --- | --- | --- | --- |",
    ]
    for part in TASKS:
        for one in tracks:
            figures = one.figures
            lines.append(f"| {part}, {one.name} | " + " | ".join(str(figures[f"{part}, {one.name}: {m}"]) for m in SHOWN) + " |")
            if (part, one.name) in simple:
                lines.append(f"| *the same by the simple method* | {' | '.join(f'{simple[part, one.name][m]:.3f}' for m in SHOWN)} |")
    lines += [
        "",
        "With cases: the other pairs are on record as past cases, those of the same country or the same need are not. Strict time cut:",
        "nothing of the case's year or later counts, from anywhere.",
        "",
    ]
    lines += [
        "## Is it only popularity?",
        "",
        "| Track | Most often among the first five | Share of answers | Likeness of two answers' first five |",
        "| --- | --- | --- | --- |",
    ]
    for one in tracks:
        most, share, alike = scoring.diversity(one.lists)
        lines.append(f"| {one.name} | {most} | {share:.2f} | {alike:.2f} |")
    lines += [
        "",
        "Always the same five would be 1 and 1.",
        "",
        "## Who is shown",
        "",
        f"Share of the first five places ({tracks[0].name}), by what the countries shown are.",
        "",
    ]
    for name, groups in by_group.items():
        shares = list(scoring.exposure(tracks[0].lists, groups).items())[:8]
        lines.append(f"- By {name}: {', '.join(f'{group} {share:.0%}' for group, share in shares)}.")
    lines += [
        "",
        "## Other languages",
        "",
        f"{len(NEEDS)} needs in six languages, each with the country that really met it.",
        "",
        "| Language | Reciprocal rank | Countries of the first ten that English has too |",
        "| --- | --- | --- |",
        f"| en | {spoken.reciprocal['en']:.3f} | 10 |",
        *(f"| {language} | {spoken.reciprocal[language]:.3f} | {spoken.shared[language]:.1f} |" for language in LANGUAGES),
        "",
        f"The mean of the five is {spoken.share:.2f} of English, with {spoken.common:.1f} of the first ten shared.",
        "",
        "## Needs of other fields",
        "",
        f"Of {refused.off_topic} texts about roads, farming, medicine and the like, {refused.refused} got no partners and were told why; of {refused.on_topic} needs about",
        f"digital government {refused.wrongly} did. The margin is {PARAMETERS.apart}, the ceiling {PARAMETERS.ceiling} ([how](matching.md#the-request)).",
    ]
    if refused.kept:
        lines += ["", "Taken for digital government although they are not:", "", *(f"- {text}" for text in refused.kept)]
    return "\n".join(lines) + "\n"
