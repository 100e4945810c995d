"""The language of a text, among those that governments write in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.language import DETECTABLE, Detected, detect


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We want to link the civil registration and identity registers.", "en"),
        ("Nous voulons relier les registres de l'état civil et de l'identité", "fr"),
        ("Queremos vincular los registros civiles y de identidad", "es"),
        ("Мы хотим связать реестр актов гражданского состояния и реестр удостоверений личности", "ru"),
        ("我们希望把民事登记与身份登记系统连接起来", "zh"),
        ("نريد ربط سجلات الأحوال المدنية وسجلات الهوية", "ar"),
        ("Queremos ligar os registos civis e de identidade", "pt"),
        ("Wir wollen das Personenstandsregister mit dem Melderegister verbinden", "de"),
        ("Tunataka kuunganisha rejista za kiraia na utambulisho", "sw"),
        ("Chúng tôi muốn liên kết đăng ký hộ tịch", "vi"),
        ("Biz nüfus kayıtlarını birleştirmek istiyoruz", "tr"),
    ],
)
def test_sentence_tells_its_language(text: str, code: str) -> None:
    found = detect(text)

    assert found.code == code
    assert 0.6 < found.confidence <= 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("យើងចង់ភ្ជាប់បញ្ជីអត្រានុកូលដ្ឋាន", "km"),
        ("ພວກເຮົາຕ້ອງການເຊື່ອມຕໍ່", "lo"),
        ("เราต้องการเชื่อมโยงทะเบียน", "th"),
        ("私たちは戸籍と本人確認をつなぎたい", "ja"),
        ("주민등록과 가족관계등록을 연결하려 합니다", "ko"),
        ("Θέλουμε να συνδέσουμε τα μητρώα", "el"),
        ("ჩვენ გვინდა რეესტრები დავაკავშიროთ", "ka"),
        ("Մենք ուզում ենք կապել", "hy"),
        ("אנחנו רוצים לחבר", "he"),
    ],
)
def test_script_of_one_language_is_enough(text: str, code: str) -> None:
    assert detect(text) == Detected(code, 1.0)


@pytest.mark.parametrize("text", ["", "   ", "1234 !!! — 5", "12345 a 9", "a", "aaaa", "🙂🙂"])
def test_text_without_letters_to_go_by_has_no_language(text: str) -> None:
    assert detect(text) == Detected(None, 0.0)


@pytest.mark.parametrize("text", ["X-Road", "ok", "asdf qwer zxcv uiop hjkl vbnm tzui ghjk"])
def test_name_or_nonsense_is_told_with_little_confidence(text: str) -> None:
    assert detect(text).confidence < 0.45


def test_norwegian_has_one_tag() -> None:
    assert detect("Vi ønsker å koble sammen folkeregisteret og identitetsregisteret i kommunene").code == "no"


@given(st.text(max_size=60))
def test_any_text_gets_a_known_language_or_none(text: str) -> None:
    found = detect(text)

    assert found.code is None or found.code in DETECTABLE
    assert 0 <= found.confidence <= 1
    assert detect(text) == found
