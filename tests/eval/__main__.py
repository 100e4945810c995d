"""`make eval`: how good matches are, on real pairs and on texts of this folder; writes docs/matching-quality.md, fails below a floor.

The pairs are a CSV file beside the repository or named with `--pairs`; without one, what needs no pairs is measured and nothing is written.
A `score.py` beside the pairs prints its own table, and has to agree with the figures here.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from api.state import Network
from api.up import prepare
from graph import scoring
from graph.evaluation import read_cases, read_pairs
from graph.scoring import MEASURES, Answer
from graph.settings import Settings
from tests.eval import report
from tests.eval.measuring import NEEDS, Languages, Refusals, Track, groups, languages, refusals, track

ROOT = Path(__file__).parents[2]
PAIRS = ROOT.parent / "shared" / "eval" / "pairs_dev.csv"
PAGE = ROOT / "docs" / "matching-quality.md"
QUALITY = ROOT / "web" / "quality.json"
FLOORS: dict[str, float] = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))


async def measure(settings: Settings, pairs: Path | None) -> tuple[list[Track], Languages, Refusals, dict[str, dict[str, list[str]]]]:
    network = await Network.open(settings)
    try:
        await prepare(network)
        await network.embedding.ready()
        tracks = []
        asked = [(text, need["country"]) for need in NEEDS for text in need["texts"].values()]
        if pairs:
            wanted, answers = read_pairs(pairs), answers_of(pairs)
            tracks = [
                await track(network, "data only", wanted, answers),
                await track(network, "data only, strict time cut", wanted, answers, strict=True),
                await track(network, "with cases", wanted, answers, cases=read_cases(pairs)),
                await track(network, "with cases, strict time cut", wanted, answers, cases=read_cases(pairs), strict=True),
            ]
            asked += [(pair.need, pair.recipient) for pair in wanted]
        return tracks, await languages(network), await refusals(network, asked), await groups(network)
    finally:
        await network.close()


def answers_of(pairs: Path) -> list[Answer]:
    with pairs.open(encoding="utf-8-sig", newline="") as stream:
        return scoring.answers(list(csv.DictReader(stream)))


def agree(pairs: Path, tracks: list[Track]) -> None:
    """Print the table of the scorer beside the pairs, and end where a figure of ours is another. Nothing where there is no such scorer."""
    scorer = pairs.with_name("score.py")
    if not scorer.exists():
        return
    with tempfile.TemporaryDirectory(prefix="gcio-eval-") as folder:
        for one in tracks:
            rankings, out = Path(folder) / "rankings.jsonl", Path(folder) / "out.json"
            rankings.write_text("\n".join(one.lines) + "\n", encoding="utf-8")
            print(f"\n== {one.name}")
            subprocess.run([sys.executable, str(scorer), str(pairs), str(rankings), "--json", str(out)], check=True)
            theirs = json.loads(out.read_text(encoding="utf-8"))
            tasks = {"countries": "T1 countries", "organisations": "T2 organisations (primary)"}
            for part, task in tasks.items():
                for name in (f"{mean}_{measure}" for mean in ("micro", "macro") for measure in MEASURES):
                    ours = one.figures[f"{part}, {one.name}: {name}"].value
                    if abs(ours - theirs[task]["all"][name][0]) > 1e-4:
                        raise SystemExit(f"{part}, {one.name}, {name}: {ours:.4f} here, {theirs[task]['all'][name][0]:.4f} by {scorer}")


def below(figures: dict[str, float]) -> list[str]:
    """Figures below their floors, in sentences."""
    return [
        f"{name}: {figures[name]:.3f} is below the floor of {floor:.3f}"
        for name, floor in FLOORS.items()
        if name in figures and figures[name] < floor
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make eval", description=__doc__)
    parser.add_argument("--pairs", type=Path, default=os.environ.get("GCIO_EVAL_PAIRS", PAIRS), help="CSV of real pairs")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the figures are written")
    options = parser.parse_args()
    pairs = Path(options.pairs) if Path(options.pairs).exists() else None
    with tempfile.TemporaryDirectory(prefix="gcio-eval-") as folder:
        home = Path(os.environ.get("GCIO_EVAL_HOME", folder))
        tracks, spoken, refused, by_group = asyncio.run(measure(Settings(home=home, port=0), pairs))
    if pairs:
        agree(pairs, tracks)
        options.page.write_text(report.page(tracks, spoken, refused, by_group, report.baselines(pairs)), encoding="utf-8")
        if options.page == PAGE:
            QUALITY.write_text(json.dumps(report.shown(tracks, spoken), indent=2) + "\n", encoding="utf-8")
        print(f"\nWritten to {options.page}")
    else:
        print(f"No pairs at {options.pairs}: only what needs none was measured, and nothing was written. Name a file with --pairs.")
    figures = report.flat(tracks, spoken, refused)
    print("\n".join(f"{name}: {figures[name]:.3f} (floor {floor:.3f})" for name, floor in FLOORS.items() if name in figures))
    if low := below(figures):
        raise SystemExit("\n".join(low))


if __name__ == "__main__":
    main()
