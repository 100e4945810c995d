"""Whether a record is about e-government, and what about: purpose codes, words in six languages, meaning where the words leave it open.

One function decides, `Classifier.judge`; its weights stand here together, so that they can be measured. Must not know sources.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ingest.connector import About

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

THRESHOLD: Final = 0.5
"""From this confidence on a record is in scope."""
OPEN_FROM: Final = 0.3
"""From here to the threshold the words leave it open, and meaning decides where vectors are to be had."""
MOST_TOPICS: Final = 3
TITLE_WEIGHT: Final = 1.0
TEXT_WEIGHT: Final = 0.6

# The code that means ICT; codes of public administration, under which e-government is mostly hidden.
DIGITAL_CODES: Final = frozenset({"22040"})
PUBLIC_CODES: Final = frozenset(
    "15110 15111 15112 15113 15114 15116 15117 15125 15130 15142 15143 15144 15150 15151 15153 15154 15155 15185 16062 33120 43010".split()
)

# Digital means, in the six languages and Portuguese. A stem ends in `*`.
DIGITAL: Final = (
    "digital* electronic* e-government* egovernment e-governance ict icts online computeri* software website* internet cyber* broadband information-technology "
    "information-system* information-technologies information-management-system* management-information-system* it-system* automat* e-services e-service data-exchange database* "
    "interoperab* govtech open-data computer information-and-communication* information-communication* telecent* e-learning civil-registr* cadast* land-registr* single-window one-stop-shop digital-identity identity-card* biometric* e-procurement e-customs asycuda ifmis gfmis ifms fmis numerique* informatique* informatis* electronique* en-ligne logiciel* "
    "systeme-d-information systemes-d-information tic technologies-de-l-information digitali* numerisation electronic* electronico* electronica* informatic* informatiza* en-linea gobierno-electronico "
    "sistema-de-informacion sistemas-de-informacion tecnologia-de-la-informacion tecnologias-de-la-informacion tecnologias-de-informacion automatiz* plataforma-tecnologica "
    "eletronico* eletronica* governo-eletronico sistemas-de-informacao sistema-de-informacao tecnologia-da-informacao tecnologias-da-informacao цифров* электронн* информационн* компьютер* автоматиз* онлайн "
    "رقمي رقمية الرقمي الرقمية إلكتروني إلكترونية الإلكتروني الإلكترونية المعلومات"
).split()
DIGITAL_CJK: Final = ("数字", "电子", "信息化", "信息系统", "信息技术", "在线", "网络")
# Government as the one that serves or is changed.
PUBLIC: Final = (
    "government* governance public-administration public-service* public-sector civil-service ministry ministries municipal* citizen* state-owned administration* customs tax revenue* treasury "
    "budget* procurement* parliament* judici* court* police passport* immigration census statistic* registr* registry cadast* land-administration identity* identification public-financial "
    "public-finance social-protection elector* election* gouvernement* administratif* administration-publique service-public services-publics ministere* douane* fiscal* impot* tresor marches-publics "
    "etat-civil identite citoyen* gobierno* administracion-publica servicios-publicos sector-publico ministerio* aduana* tributari* hacienda catastro ciudadan* registro-civil identidad municipio* "
    "governo* administracao-publica servicos-publicos государств* правительств* министерств* госуслуг* налог* тамож* حكومة الحكومة حكومي الحكومية المواطنين"
).split()
PUBLIC_CJK: Final = ("政府", "政务", "公共服务", "行政", "海关", "税务")
# Topic keywords that on their own say nothing of government.
LOOSE: Final = frozenset(
    "training survey schools hardware connectivity gender accessibility accountability transparency subsidy login hosting servers resilience awareness permits workflow sms ai soc mis ia vat "
    "formation regulation legislation coordination inclusion governance e-inclusion resiliencia informatica registry pensions deeds bidding tiempo drones".split()
)


def folded(text: str) -> list[str]:
    """Words without accents and case."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


class Phrases:
    """A set of phrases found in a text by one pass over its words; a phrase that ends in `*` matches the beginning of a word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._stems: dict[str, str] = {}
        for phrase in phrases:
            found = folded(phrase)
            if not found:
                continue
            if phrase.endswith("*"):
                self._stems[" ".join(found)] = phrase
            else:
                self._by_first[found[0]].append((tuple(found), phrase))
        longest_first = sorted(self._stems, key=lambda stem: (-len(stem), stem))
        self._pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + ")") if self._stems else None

    def find(self, found: Sequence[str], joined: str) -> set[str]:
        """The phrases that occur in a text, given as its folded words and the same joined by spaces."""
        hits = {self._stems[stem] for stem in self._pattern.findall(joined)} if self._pattern else set()
        for word in self._by_first.keys() & set(found):
            for phrase, name in self._by_first[word]:
                if len(phrase) == 1 or f" {' '.join(phrase)} " in f" {joined} ":
                    hits.add(name)
        return hits


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure it is, 0 to 1, that a record is about e-government; topic ids, the surest first; what it was decided by."""

    confidence: float
    topics: tuple[str, ...]
    evidence: tuple[str, ...]

    @property
    def in_scope(self) -> bool:
        return self.confidence >= THRESHOLD


class Classifier:
    """Judges records by the topics of the graph. `embed` gives unit vectors of texts; without it the words decide alone."""

    def __init__(self, topics: Sequence[Mapping[str, Any]], embed: Embed | None = None) -> None:
        self._digital, self._public = Phrases(DIGITAL), Phrases(PUBLIC)
        self._terms: dict[str, set[str]] = defaultdict(set)
        self._cjk: dict[str, set[str]] = defaultdict(set)
        self._by_code: dict[str, list[str]] = defaultdict(list)
        self._parents = {t["id"]: t["parent"] for t in topics}
        for topic in topics:
            for term in topic["terms"]:
                self._cjk[term].add(topic["id"]) if _cjk(term) else self._terms[term].add(topic["id"])
            for code in topic["dacCodes"]:
                self._by_code[code].append(topic["id"])
        self._keywords = Phrases(self._terms)
        self._topics = [t["id"] for t in topics]
        self._described = [f"{t['name']}. {t['description']}" for t in topics]
        self._embed = embed
        self._vectors: Vectors | None = None

    def judge(self, records: Sequence[About]) -> list[Verdict]:
        """One verdict for each record, in order."""
        verdicts = [self._by_words(record) for record in records]
        if self._embed is not None and self._topics:
            open_ones = [i for i, v in enumerate(verdicts) if OPEN_FROM <= v.confidence < THRESHOLD]
            for place, verdict in zip(
                open_ones, self._by_meaning([records[i] for i in open_ones], [verdicts[i] for i in open_ones]), strict=True
            ):
                verdicts[place] = verdict
        return verdicts

    def _by_words(self, about: About) -> Verdict:
        digital = public = 0.0
        topics: dict[str, float] = defaultdict(float)
        evidence: dict[str, None] = {}
        for text, weight in ((about.title, TITLE_WEIGHT), (about.text[:4000], TEXT_WEIGHT)):
            found = folded(text)
            joined = " ".join(found)
            means, owners = self._digital.find(found, joined), self._public.find(found, joined)
            keywords = self._keywords.find(found, joined)
            if _cjk(text):
                means |= {word for word in DIGITAL_CJK if word in text}
                owners |= {word for word in PUBLIC_CJK if word in text}
                keywords |= {word for word in self._cjk if word in text}
            digital = max(digital, weight * min(1.0, 0.7 + 0.15 * len(means)) if means else 0.0)
            public = max(public, weight * min(1.0, 0.7 + 0.15 * len(owners)) if owners else 0.0)
            evidence.update(dict.fromkeys([*sorted(means), *sorted(owners), *sorted(keywords)]))
            for keyword in keywords:
                strength = 0.1 if " ".join(folded(keyword)) in LOOSE else 1.0 if " " in keyword or "-" in keyword else 0.7
                for topic in self._terms.get(keyword, set()) | self._cjk.get(keyword, set()):
                    topics[topic] += weight * strength
        codes = set(about.codes)
        topic_weight = min(1.0, max(topics.values(), default=0.0))
        confidence = 0.55 * digital + 0.2 * public + 0.25 * topic_weight
        confidence += 0.3 if codes & DIGITAL_CODES else 0.12 if codes & PUBLIC_CODES else 0.0
        evidence.update(dict.fromkeys(f"DAC {code}" for code in sorted(codes & (DIGITAL_CODES | PUBLIC_CODES))))
        # A ministry without digital means is not e-government, nor is a telephone company without a government.
        if not digital and not codes & DIGITAL_CODES:
            confidence = min(confidence, THRESHOLD - 0.1)
        if not topics:
            for code in sorted(codes & PUBLIC_CODES):
                for topic in self._by_code.get(code, [])[:1]:
                    topics[topic] += 0.1
        return Verdict(round(min(confidence, 1.0), 3), self._best(topics), tuple(evidence)[:12])

    def _best(self, topics: Mapping[str, float]) -> tuple[str, ...]:
        """The heaviest topics; a wider topic gives way to a narrower one of its own that was found as well."""
        ordered = sorted(topics, key=lambda t: (-topics[t], t))[: MOST_TOPICS * 2]
        covered = {self._parents.get(t) for t in ordered}
        return tuple([t for t in ordered if t not in covered][:MOST_TOPICS])

    def _by_meaning(self, records: Sequence[About], verdicts: Sequence[Verdict]) -> list[Verdict]:
        if self._embed is None or not records:
            return list(verdicts)
        if self._vectors is None:
            vectors = self._embed(self._described)
            self._mean = vectors.mean(axis=0)
            self._vectors = vectors - self._mean
            self._vectors /= np.linalg.norm(self._vectors, axis=1, keepdims=True)
        found = self._embed([f"{r.title}. {r.text[:1000]}" for r in records]) - self._mean
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        scores = found @ self._vectors.T
        out = []
        for verdict, row in zip(verdicts, scores, strict=True):
            best = int(row.argmax())
            # Likeness with the mean topic removed: about 0 for an unrelated text, 0.5 for a description of the topic itself.
            confidence = min(1.0, verdict.confidence + 0.5 * max(0.0, float(row[best])))
            topics = tuple(dict.fromkeys((*verdict.topics, self._topics[best])))[:MOST_TOPICS]
            out.append(Verdict(round(confidence, 3), topics, (*verdict.evidence, f"means {self._topics[best]}")))
        return out


def _cjk(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)
