"""One need in six languages finds the same partners."""

from __future__ import annotations

from api.state import Network
from graph.matching import MatchResult, Request, match

NEED = {
    "en": "We want to link the civil registration and identity registers",
    "fr": "Nous voulons relier les registres de l'état civil et de l'identité",
    "es": "Queremos conectar los registros civiles y de identidad",
    "ar": "نريد ربط سجلات الأحوال المدنية بسجلات الهوية",
    "zh": "我们希望把民事登记系统与身份登记系统连接起来",
    "ru": "Мы хотим связать реестры актов гражданского состояния и удостоверения личности",
}


async def partners(network: Network, language: str) -> list[str]:
    found: MatchResult = await match(network.database, network.embedding, Request(NEED[language], "KHM", language), packaged=0)
    return [partner.id for partner in found.partners[:10]]


async def test_a_need_finds_partners_it_finds_in_english(network: Network) -> None:
    english = set(await partners(network, "en"))

    shared = {language: len(english & set(await partners(network, language))) for language in NEED if language != "en"}

    assert all(n >= 5 for n in shared.values()), shared
