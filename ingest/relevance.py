"""Whether a record is about e-government, and what about: purpose codes, words in six languages, meaning where the words leave it open.

One function decides, `Classifier.judge`; its weights stand here together, so that they can be measured. Must not know sources.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ingest.connector import About

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

VERSION: Final = 2
"""Raise it when the same record would now get another verdict: every file is then read again."""
THRESHOLD: Final = 0.5
"""From this confidence on a record is in scope."""
OPEN_FROM: Final = 0.3
OPEN_TO: Final = 0.6
"""Between these, words leave it open, and meaning decides where vectors are to be had."""
MOST_TOPICS: Final = 3
TITLE_WEIGHT: Final = 1.0
TEXT_WEIGHT: Final = 0.6
LONG: Final = 90
"""A text of more words than this may mention a web site without being about it."""
LONGEST_TEXT: Final = 4000
EMBEDDED: Final = 400
"""Characters of a text whose meaning is looked at: the first sentences tell, and longer ones cost."""
MOST_BY_MEANING: Final = 0.25
"""Meaning moves the confidence by no more than this."""
LIKE_ITS_TOPIC: Final = 0.4

# What e-government is about, and what other development work is about: a record's meaning is held against both.
E_GOVERNMENT: Final = (
    "Electronic government: online public services for citizens and businesses",
    "Computerization of a ministry: software, computers and an information system",
    "Digital identity, civil registration and biometric identity cards",
    "Financial management information system and electronic procurement of the government",
    "Digital cadastre and computerised land registry",
    "Broadband internet and a fibre-optic backbone network for the country",
    "Information and communication technology policy and training of officials in computing",
    "Health, education or court management information system",
    "Cyber security and government data centre",
    "Open data platform and interoperability of government databases",
    "E-customs, single window and electronic tax filing",
)
OTHER_WORK: Final = (
    "Road and bridge construction",
    "Rural agriculture and irrigation",
    "Hospital construction, medical teams and disease control",
    "Primary education and school construction",
    "Governance and public sector reform, fiscal policy",
    "Civil society, human rights and democracy support",
    "Support to small enterprises, startups and entrepreneurship",
    "Energy, electricity transmission and power plants",
    "Water supply and sanitation",
    "Humanitarian assistance, food aid and disaster relief",
    "Administrative costs and operating expenses of the donor",
    "Budget support and economic policy development loan",
    "Statistics capacity building and census",
    "Urban development and municipal services",
    "Climate change, environment and forests",
    "Banking, capital markets and financial inclusion",
    "Justice, courts and rule of law",
    "Internships, public engagement, articles and conferences",
    "Mining sector management",
    "Social protection and cash transfers",
)

# The code that means ICT; codes of public administration, under which e-government is mostly hidden; a donor's own costs.
DIGITAL_CODES: Final = frozenset({"22040"})
PUBLIC_CODES: Final = frozenset(
    "15110 15111 15112 15113 15114 15116 15117 15125 15130 15142 15143 15144 15150 15151 15153 15154 15155 15185 16062 33120 43010".split()
)
OWN_COSTS: Final = frozenset({"91010"})

# Words in the six languages and Portuguese. A stem ends in `*`.
# Government by digital means, by the word itself: nothing more is needed.
CORE: Final = (
    "e-government* egovernment e-governance e-gov e-gp govtech digital-government digital-governance digital-public electronic-government electronic-governance "
    "smart-government online-government government-information-system* government-network* government-cloud government-data-cent* e-services e-service digital-services "
    "e-procurement electronic-procurement electronic-government-procurement e-customs asycuda single-window ifmis gfmis ifms fmis financial-management-information "
    "e-justice e-court e-courts e-parliament e-cabinet e-health ehealth e-tax e-filing e-invoic* e-passport* e-visa e-voting electronic-voting e-participation e-signature digital-signature* "
    "electronic-signature* digital-identity digital-id e-id national-id identity-card* identification-system* unique-identif* biometric* civil-registr* civil-registry vital-registration cadast* land-registr* land-records "
    "land-information-system* land-titling land-administration property-registr* real-estate-registr* title-registration business-registr* open-data interoperab* data-exchange telecent* "
    "gobierno-electronico gobierno-digital ventanilla-unica firma-digital catastro catastral catastrales registro-civil gouvernement-electronique administration-electronique administration-numerique guichet-unique etat-civil "
    "governo-eletronico governo-digital госуслуг* электронное-правительство электронного-правительства"
).split()
# Digital means, whoever uses them.
MEANS: Final = (
    "digital* ict icts it-system* it-policy informatiz* informatis* informatics information-technology information-technologies information-system* management-information information-and-communication* "
    "information-communication* information-network* information-platform* geographic-information geomatic* geospatial cyber* broadband fiber-optic* fibre-optic* optic-fiber* optic-fibre* optical-fiber* optical-fibre* fiber-network fibre-network "
    "fibre-backbone fiber-backbone fibre-cable fiber-cable backbone-network* communications-infrastructure data-cent* data-system* data-management data-infrastructure computeri* automat* e-learning elearning intranet "
    "internet-access internet-connectivity decision-support e-agriculture e-commerce electronic-records electronic-card* electronic-medical ict-expert* "
    "numerique* numerisation* informatique* electronique* systeme-d-information systemes-d-information tic technologies-de-l-information "
    "informatic* informatiza* sistema-de-informacion sistemas-de-informacion tecnologia-de-la-informacion tecnologias-de-la-informacion tecnologias-de-informacion plataforma-tecnologica electronico* electronica* "
    "eletronico* eletronica* sistemas-de-informacao sistema-de-informacao tecnologia-da-informacao tecnologias-da-informacao цифров* электронн* информационн* компьютер* автоматиз* онлайн "
    "رقمي رقمية الرقمي الرقمية إلكتروني إلكترونية الإلكتروني الإلكترونية المعلومات"
).split()
# Words that many a text has in passing.
FAINT: Final = "website* web-site online en-ligne en-linea internet database* software logiciel* computer* electronic* laptop* information-management".split()
DIGITAL_CJK: Final = ("数字", "电子", "信息化", "信息系统", "信息技术", "在线", "网络")
# Government as the one that serves or is changed.
PUBLIC: Final = (
    "government* governance public-administration public-service* public-sector civil-service ministry ministries municipal* citizen* administration* customs tax revenue* treasury "
    "budget* procurement* parliament* judici* court* police passport* immigration census statistic* registr* registry identity* identification public-financial "
    "public-finance social-protection elector* election* officials central-bank gouvernement* administratif* administration-publique service-public services-publics ministere* douane* fiscal* impot* tresor marches-publics "
    "identite citoyen* gobierno* administracion-publica servicios-publicos sector-publico ministerio* aduana* tributari* hacienda ciudadan* identidad municipio* "
    "governo* administracao-publica servicos-publicos государств* правительств* министерств* налог* тамож* حكومة الحكومة حكومي الحكومية المواطنين"
).split()
PUBLIC_CJK: Final = ("政府", "政务", "公共服务", "行政", "海关", "税务")
# What a word that decides tells of the topic, beside the topics' own keywords; words for government tell it where digital means stand beside.
HINTS: Final = {
    phrase: topic
    for topic, phrases in {
        "topic:land-administration": "cadast* catastro catastral land-registr* land-records land-information-system* land-titling land-administration property-registr* real-estate-registr* title-registration",
        "topic:civil-registration": "civil-registr* civil-registry vital-registration registro-civil etat-civil",
        "topic:national-id": "identity-card* identification-system* unique-identif* biometric* national-id digital-id e-id identification",
        "topic:e-procurement": "e-procurement electronic-procurement electronic-government-procurement e-gp procurement*",
        "topic:broadband-connectivity": "broadband fiber-optic* fibre-optic* optic-fiber* optic-fibre* optical-fiber* optical-fibre* fiber-network fibre-network fibre-backbone fiber-backbone fibre-cable fiber-cable backbone-network* internet internet-access internet-connectivity",
        "topic:digital-health": "e-health ehealth electronic-medical",
        "topic:digital-education": "e-learning elearning",
        "topic:e-justice": "e-justice e-court e-courts judici* court*",
        "topic:financial-management-systems": "financial-management-information ifmis gfmis ifms fmis budget* treasury public-financial public-finance",
        "topic:customs-and-single-window": "asycuda e-customs single-window ventanilla-unica guichet-unique customs douane* aduana*",
        "topic:tax-administration": "e-tax e-filing e-invoic* tax revenue*",
        "topic:cybersecurity": "cyber*",
        "topic:geospatial-data": "geospatial geographic-information geomatic*",
        "topic:open-data": "open-data",
        "topic:interoperability": "interoperab* data-exchange",
        "topic:government-cloud": "data-cent* government-data-cent* government-cloud",
        "topic:government-network": "intranet government-network* information-network*",
        "topic:digital-services": "e-government* egovernment e-governance digital-government electronic-government gobierno-electronico gobierno-digital gouvernement-electronique e-services digital-services public-service*",
        "topic:records-management": "electronic-records",
        "topic:official-statistics": "statistic* census",
        "topic:e-voting": "e-voting electronic-voting elector* election*",
        "topic:digital-infrastructure": "computer* laptop* computeri*",
        "topic:digital-strategy": "it-policy ict icts",
        "topic:skills-and-institutions": "officials IT informatics",
        "topic:sector-systems": "information-system* it-system*",
    }.items()
    for phrase in phrases.split()
}
# Business, the press, and what a donor charges for its offices, with digital means of their own.
PRIVATE: Final = (
    "entrepreneur* startup* start-up* sme smes msme* pymes enterprise* incubator* fintech bond bonds animation industries trade-promotion export* financial-inclusion financial-sector financial-services microfinance insurance mobile-applications social-networking cost-recovery "
    "journalis* media internship* article* university college institute-of-technology confucius broadcasting tower power electric* electrification"
).split()
# Topic keywords that on their own say nothing of government.
LOOSE: Final = frozenset(
    "training survey schools hardware connectivity gender accessibility accountability transparency subsidy login hosting servers resilience awareness permits workflow sms ai soc mis ia vat "
    "formation regulation legislation coordination inclusion governance e-inclusion resiliencia informatica registry pensions deeds bidding tiempo drones targeting".split()
)
# Accents of Latin, Cyrillic and Arabic letters.
COMBINING: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u0610-\u061a\u064b-\u065f\u0670]")
WORD: Final = re.compile(r"[^\W_]+")
SENTENCE: Final = re.compile(r"[.;:!?\n]\s")
# “IT” is a pronoun but in capitals among other words.
CAPITAL_IT: Final = re.compile(r"\bI\.?T\.?\b")


def folded(text: str) -> list[str]:
    """Words without accents and case."""
    plain = text.casefold()
    if not plain.isascii():
        plain = COMBINING.sub("", unicodedata.normalize("NFKD", plain))
    return WORD.findall(plain)


class Phrases:
    """A set of phrases found in a text by one pass over its words; a phrase that ends in `*` matches the beginning of a word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._stems: dict[str, str] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        for phrase in phrases:
            found, stem = folded(phrase), phrase.endswith("*")
            if stem and len(found) == 1:
                self._stems[found[0]] = phrase
            elif found:
                self._by_first[found[0]].append((f" {' '.join(found)}{'' if stem else ' '}", phrase))
        self._lengths = sorted({len(stem) for stem in self._stems})

    def matters(self, word: str) -> bool:
        """Whether any phrase begins with this word."""
        return word in self._by_first or any(word[:n] in self._stems for n in self._lengths)

    def find(self, found: Iterable[str], joined: str) -> set[str]:
        """The phrases that occur in a text, given as the set of its folded words and as all of them, each between spaces."""
        hits: set[str] = set()
        for word in found:
            stems = self._words.get(word)
            if stems is None:
                stems = self._words[word] = tuple([self._stems[word[:n]] for n in self._lengths if word[:n] in self._stems])
            hits.update(stems)
            for phrase, name in self._by_first.get(word, ()):
                if phrase in joined:
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in a title or a text: phrases by what they tell, and whether digital means and government stand in one sentence."""

    core: AbstractSet[str]
    means: AbstractSet[str]
    faint: AbstractSet[str]
    public: AbstractSet[str]
    private: AbstractSet[str]
    keywords: AbstractSet[str]
    words: int
    together: bool

    @property
    def digital(self) -> float:
        return len(self.core) + len(self.means) + 0.5 * len(self.faint)


class Classifier:
    """Judges records by the topics of the graph. `embed` gives unit vectors of texts; without it words and codes decide alone."""

    def __init__(self, topics: Sequence[Mapping[str, Any]], embed: Embed | None = None) -> None:
        self._core, self._means, self._faint = Phrases(CORE), Phrases(MEANS), Phrases(FAINT)
        self._public, self._private = Phrases(PUBLIC), Phrases(PRIVATE)
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
        self._all = (self._core, self._means, self._faint, self._public, self._private, self._keywords)
        self._matters: dict[str, bool] = {}
        self._strength = {term: _strength(term) for term in (*self._terms, *self._cjk)}
        self._topics = [t["id"] for t in topics]
        self._described = [f"{t['name']}. {t['description']}" for t in topics]
        self._embed = embed
        self._anchors: Anchors | None = None

    def judge(self, records: Sequence[About]) -> list[Verdict]:
        """One verdict for each record, in order."""
        verdicts = [self._by_words(record) for record in records]
        if self._embed is not None and self._topics:
            open_ones = [i for i, v in enumerate(verdicts) if OPEN_FROM <= v.confidence < OPEN_TO]
            judged = self._by_meaning(self._embed, [records[i] for i in open_ones], [verdicts[i] for i in open_ones])
            for place, verdict in zip(open_ones, judged, strict=True):
                verdicts[place] = verdict
        return verdicts

    def _by_words(self, about: About) -> Verdict:
        title, text = self._seen(about.title), self._seen(about.text[:LONGEST_TEXT])
        codes = set(about.codes)
        confidence = max(_of_title(title), _of_text(text, title))
        if title.digital and (text.core or text.means or text.together):
            confidence += 0.08
        confidence += 0.05 * any(self._strength[k] == 1.0 for k in title.keywords | text.keywords)
        if codes & DIGITAL_CODES and not (title.private and not title.core):
            confidence = max(0.45, confidence + 0.1)
        if codes & PUBLIC_CODES:
            confidence += 0.04
        # A ministry without digital means is not e-government; nor is what a donor spends on its own offices.
        if not (title.digital or text.digital or codes & DIGITAL_CODES):
            confidence = min(confidence, THRESHOLD - 0.1)
        if codes & OWN_COSTS:
            confidence = min(confidence, THRESHOLD - 0.3)
        evidence = [
            w for seen in (title, text) for group in (seen.core, seen.means, seen.faint, seen.public, seen.keywords) for w in sorted(group)
        ]
        evidence += [f"DAC {code}" for code in sorted(codes & (DIGITAL_CODES | PUBLIC_CODES | OWN_COSTS))]
        return Verdict(
            round(max(0.0, min(confidence, 1.0)), 3), self._best(self._weighed(title, text, codes)), tuple(dict.fromkeys(evidence))[:12]
        )

    def _seen(self, text: str) -> Seen:
        found = folded(text)
        joined, words = f" {' '.join(found)} ", self._telling(found)
        core, means, faint = (phrases.find(words, joined) for phrases in (self._core, self._means, self._faint))
        public, keywords = self._public.find(words, joined), self._keywords.find(words, joined)
        if "it" in found and CAPITAL_IT.search(text) and not text.isupper():
            means.add("IT")
        if not text.isascii() and _cjk(text):
            means |= {word for word in DIGITAL_CJK if word in text}
            public |= {word for word in PUBLIC_CJK if word in text}
            keywords |= {word for word in self._cjk if word in text}
        together = bool((means or faint) and public) and any(map(self._both, SENTENCE.split(text)))
        return Seen(core, means, faint, public, self._private.find(words, joined), keywords, len(found), together)

    def _telling(self, found: Iterable[str]) -> list[str]:
        """The different words with which some phrase begins: a tenth of a text, and the same words come again and again."""
        telling = []
        for word in dict.fromkeys(found):
            matters = self._matters.get(word)
            if matters is None:
                matters = self._matters[word] = any(phrases.matters(word) for phrases in self._all)
            if matters:
                telling.append(word)
        return telling

    def _both(self, sentence: str) -> bool:
        found = folded(sentence)
        joined, words = f" {' '.join(found)} ", self._telling(found)
        return bool(self._public.find(words, joined) and (self._means.find(words, joined) or self._faint.find(words, joined)))

    def _weighed(self, title: Seen, text: Seen, codes: AbstractSet[str]) -> Mapping[str, float]:
        """Topics by the weight of their keywords; where there are none, the first of each purpose code."""
        topics: dict[str, float] = defaultdict(float)
        digital = title.digital or text.digital
        for seen, weight in ((title, TITLE_WEIGHT), (text, TEXT_WEIGHT)):
            for group, strength in ((seen.core, 1.0), (seen.means, 0.5), (seen.faint, 0.3), (seen.public if digital else (), 0.4)):
                for phrase in group:
                    if (hint := HINTS.get(phrase)) in self._parents:
                        topics[str(hint)] += weight * strength
            for keyword in seen.keywords:
                for topic in self._terms.get(keyword, set()) | self._cjk.get(keyword, set()):
                    topics[topic] += weight * self._strength[keyword]
        if not topics:
            for code in sorted(codes & PUBLIC_CODES):
                for topic in self._by_code.get(code, [])[:1]:
                    topics[topic] += 0.1
        return topics

    def _best(self, topics: Mapping[str, float]) -> tuple[str, ...]:
        """The heaviest topics; a wider topic gives way to a narrower one of its own that was found as well."""
        ordered = sorted(topics, key=lambda t: (-topics[t], t))[: MOST_TOPICS * 2]
        covered = {self._parents.get(t) for t in ordered}
        return tuple([t for t in ordered if t not in covered][:MOST_TOPICS])

    def _by_meaning(self, embed: Embed, records: Sequence[About], verdicts: Sequence[Verdict]) -> list[Verdict]:
        if not records:
            return []
        self._anchors = self._anchors or Anchors(embed, self._described)
        out = []
        for verdict, (contrast, like) in zip(verdicts, self._anchors.look(embed, records), strict=True):
            best = int(like.argmax())
            confidence = verdict.confidence + max(-MOST_BY_MEANING, min(MOST_BY_MEANING, contrast))
            found = (self._topics[best],) if like[best] >= LIKE_ITS_TOPIC else ()
            topics = tuple(dict.fromkeys((*verdict.topics, *found)))[:MOST_TOPICS]
            out.append(
                Verdict(round(max(0.0, min(confidence, 1.0)), 3), topics, (*verdict.evidence, *(f"means {topic}" for topic in found)))
            )
        return out

    def contrasts(self, records: Sequence[About]) -> Sequence[float]:
        """How much nearer each record's meaning is to e-government than to other development work, -1 to 1; nought without vectors."""
        if self._embed is None:
            return [0.0] * len(records)
        self._anchors = self._anchors or Anchors(self._embed, self._described)
        return [contrast for contrast, _ in self._anchors.look(self._embed, records)]


class Anchors:
    """The meanings that a record's is held against: what e-government is, what other development work is, and each topic.

    Likeness to the topics alone tells nearly nothing, since a text on corruption is like the topic whether or not a computer stands in it.
    """

    def __init__(self, embed: Embed, topics: Sequence[str]) -> None:
        vectors = embed([*E_GOVERNMENT, *OTHER_WORK, *topics])
        self._mean = vectors[: len(E_GOVERNMENT) + len(OTHER_WORK)].mean(axis=0)
        centred = self._centred(vectors)
        self._ours, rest = centred[: len(E_GOVERNMENT)], centred[len(E_GOVERNMENT) :]
        self._others, self._topics = rest[: len(OTHER_WORK)], rest[len(OTHER_WORK) :]

    def look(self, embed: Embed, records: Sequence[About]) -> list[tuple[float, Vectors]]:
        """For each record the contrast, and its likeness to each topic."""
        found = self._centred(embed([f"{r.title}. {r.text[:EMBEDDED]}" for r in records]))
        contrasts = (found @ self._ours.T).max(axis=1) - (found @ self._others.T).max(axis=1)
        return [(float(contrast), like) for contrast, like in zip(contrasts, found @ self._topics.T, strict=True)]

    def _centred(self, vectors: Vectors) -> Vectors:
        moved = vectors - self._mean
        centred: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return centred


def _of_title(seen: Seen) -> float:
    """A title is about what it names, unless it names a business besides."""
    if seen.core:
        return 0.9
    score = (0.85 if seen.public else 0.62) if seen.means else (0.7 if seen.public else 0.42) if seen.faint else 0.0
    return score - (0.3 if seen.private and not seen.public else 0.1 if seen.private else 0.0)


def _of_text(seen: Seen, title: Seen) -> float:
    """A text mentions much in passing: what counts is how much of it is digital, and whether government stands beside it."""
    short, digital = seen.words <= LONG, seen.digital
    enough = min(5.0, 2 + seen.words / 150) if seen.words > LONG else 2.0
    if not digital:
        return 0.12 if seen.public else 0.0
    if seen.core:
        score = 0.62 if short or digital >= enough else 0.46
    elif digital < 1:
        score = 0.4 if short and seen.together else 0.2
    elif digital < enough:
        score = 0.52 if short and seen.together else 0.42 if short or seen.together else 0.3
    else:
        score = 0.56 if seen.together else 0.46
    return score - (0.15 if title.private and not seen.core else 0.0)


def _strength(keyword: str) -> float:
    """How much a keyword says of a topic."""
    return 0.1 if " ".join(folded(keyword)) in LOOSE else 1.0 if " " in keyword or "-" in keyword else 0.7


def _cjk(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)
