"""IATI: both families of versions, what stands on transactions, languages, versions of a file, and hostile XML."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import Record, validate
from ingest.connector import Draft, Rejected
from ingest.iati import Iati
from ingest.inputs import InputFile
from tests.ingest.files import given, outcomes, resolver

NEW = """<?xml version="1.0"?>
<iati-activities version="2.03" generated-datetime="2025-12-18T11:30:29Z">
  <iati-activity default-currency="EUR" xml:lang="es">
    <iati-identifier>XX-ORG-1/7</iati-identifier>
    <reporting-org ref="XX-ORG" type="40"><narrative>Banco de Prueba</narrative></reporting-org>
    <title><narrative>Gobierno electrónico</narrative><narrative xml:lang="en">Electronic government</narrative></title>
    <description><narrative xml:lang="en">Online services. Write to jane@example.org or call +1 (202) 712 4810.</narrative></description>
    <participating-org ref="41114" role="1"><narrative>UNDP</narrative></participating-org>
    <participating-org role="1"><narrative>Government of Nepal</narrative></participating-org>
    <participating-org role="4" type="10"><narrative>Ministry of Finance</narrative></participating-org>
    <participating-org role="4"><narrative>Vendor for various services</narrative></participating-org>
    <participating-org role="2"><narrative>Somebody accountable</narrative></participating-org>
    <activity-status code="2"/>
    <activity-date type="1" iso-date="2020-01-01"/><activity-date type="2" iso-date="2020-02-03"/><activity-date type="3" iso-date="2022-01-01Z"/>
    <contact-info><person-name><narrative>Jane Roe</narrative></person-name><email>jane@example.org</email></contact-info>
    <transaction>
      <transaction-type code="2"/><value value-date="2020-05-06">1,000.50</value>
      <sector vocabulary="1" code="15111"/><recipient-country code="NP"/>
    </transaction>
    <transaction><transaction-type code="2"/><value currency="EUR" value-date="2021-05-06">99.5</value></transaction>
    <transaction><transaction-type code="3"/><value>5</value></transaction>
  </iati-activity>
</iati-activities>
"""
OLD = """<iati-activities version="1.04">
  <iati-activity default-currency="USD" xml:lang="en">
    <reporting-org ref="US-501c3-522318905" type="21">AidData</reporting-org>
    <iati-identifier>
      US-501c3-522318905-SG-8717
    </iati-identifier>
    <title>
      Modernisation du cadastre et de l'état civil, appui aux services de l'administration fiscale du Sénégal
    </title>
    <activity-status>Completion</activity-status>
    <activity-date iso-date="2010-06-04" type="start-actual"/>
    <participating-org role="Funding">World Bank</participating-org>
    <participating-org role="Accountable">Agence du Sénégal</participating-org>
    <transaction><value currency="USD">69</value><transaction-type code="C"/></transaction>
    <sector vocabulary="DAC" percentage="95" code="15110"/><sector vocabulary="DAC" percentage="5" code="22040"/>
    <recipient-country code="SN" percentage="60"/><recipient-country percentage="40">Mali</recipient-country><recipient-country code="ML" percentage="0"/>
  </iati-activity>
</iati-activities>
"""


def project(outcome: object) -> Record:
    assert isinstance(outcome, Draft)
    assert outcome.finish is not None
    record = outcome.finish(outcome.records[0])
    assert validate(record) == []
    return record


def targets(record: Record, name: str) -> list[str]:
    return [link.target for link in record.links.get(name, ())]


def test_an_activity_of_version_2(tmp_path: Path) -> None:
    file = given(tmp_path, "bank-2025-12-18.xml", NEW)
    connector = Iati()
    assert connector.recognises(file)
    assert (connector.dataset(file), connector.as_of(file), connector.source(file).id) == (
        "bank",
        "2025-12-18T11:30:29",
        "source:iati-xx-org",
    )
    known = resolver()

    [draft] = outcomes(connector, file, known)

    record = project(draft)
    assert record.key.startswith("iati-xx-org-1-7-")
    assert record.properties == {
        "title": "Electronic government",
        "summary": "Online services. Write to  or call .",
        "status": "ACTIVE",
        "lang": "en",
        "sourceUrl": None,
        "startDate": date(2020, 2, 3),
        "endDate": date(2022, 1, 1),
        "datePrecision": "DAY",
        "amount": 1100.0,
        "currency": "EUR",
        "amountDate": date(2021, 5, 6),
    }
    assert targets(record, "countries") == ["country:NPL"]
    assert targets(record, "funders") == ["organization:undp", "country:NPL"]
    [ministry] = targets(record, "implementers")
    assert [(r.id, r.properties["name"]) for r, _ in known.take() if r.id == ministry] == [(ministry, "Ministry of Finance (Nepal)")]
    assert isinstance(draft, Draft)
    assert draft.row == "XX-ORG-1/7"
    assert draft.about is not None
    assert (draft.about.codes, "Gobierno electrónico" in draft.about.text or "Electronic" in draft.about.title) == (("15111",), True)
    assert "Jane" not in repr((record, draft))
    assert list(draft.set_aside) == []


def test_an_activity_of_version_1(tmp_path: Path) -> None:
    [draft] = outcomes(Iati(), given(tmp_path, "aims.xml", OLD))
    record = project(draft)
    assert record.id == "project:aiddata-8717"
    assert isinstance(draft, Draft)
    assert draft.source is not None
    assert (draft.row, draft.source.id) == ("US-501c3-522318905-SG-8717", "source:iati-aiddata")
    assert (record.properties["status"], record.properties["lang"], record.properties["amountUsd"]) == ("CLOSED", "fr", 69.0)
    assert targets(record, "countries") == ["country:SEN", "country:MLI"]
    assert targets(record, "funders") == ["organization:world-bank"]
    assert len(targets(record, "implementers")) == 1
    assert draft.about is not None
    assert draft.about.codes == ("15110",)


def test_a_row_kept_by_hand_keeps_its_id(tmp_path: Path) -> None:
    text = NEW.replace("XX-ORG-1/7", "XM-DAC-46008-CFA1").replace('ref="XX-ORG"', 'ref="XM-DAC-46008"')
    [draft] = outcomes(Iati(), given(tmp_path, "caf.xml", text))
    assert project(draft).id == "project:caf-by-hand"


def test_fields_that_cannot_be_read_are_set_aside(tmp_path: Path) -> None:
    text = NEW.replace('iso-date="2020-02-03"', 'iso-date="3 Feb"').replace(
        '<recipient-country code="NP"/>', '<recipient-country code="1031"/>'
    )
    text = text.replace("99.5", "much")
    [draft] = outcomes(Iati(), given(tmp_path, "a.xml", text))
    assert isinstance(draft, Draft)
    assert {(r.field, r.value) for r in draft.set_aside} == {
        ("transaction/value", "much"),
        ("activity-date", "3 Feb"),
        ("recipient-country", "1031"),
    }
    record = project(draft)
    assert (record.properties["amount"], record.properties.get("startDate"), targets(record, "countries")) == (1000.5, None, [])


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("<iati-identifier>XX-ORG-1/7</iati-identifier>", "", "iati-identifier"), ("narrative", "nothing", "title")],
)
def test_an_activity_without_identifier_or_text_is_rejected(tmp_path: Path, old: str, new: str, field: str) -> None:
    [found] = outcomes(Iati(), given(tmp_path, "a.xml", NEW.replace(old, new)))
    assert isinstance(found, Rejected)
    assert (found.field, found.line, found.broken, found.record is None) == (field, 3, False, field == "iati-identifier")


def test_an_organisation_file(tmp_path: Path) -> None:
    text = (
        '<iati-organisations version="2.02"><iati-organisation xml:lang="es"><organisation-identifier>XX-9</organisation-identifier>'
        '<name><narrative>"Banco de Prueba"</narrative></name><reporting-org ref="XX-9" type="40"><narrative>Banco de Prueba</narrative></reporting-org>'
        "</iati-organisation></iati-organisations>"
    )
    file = given(tmp_path, "org.xml", text)
    assert Iati().recognises(file)
    [draft] = outcomes(Iati(), file)
    assert isinstance(draft, Draft)
    [record] = draft.records
    assert validate(record) == []
    assert record.properties == {"name": "Banco de Prueba", "kind": "MULTILATERAL", "iatiId": "XX-9", "lang": "es"}


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, EXTERNAL, '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "<!-- -->" * 20_000 + BOMB])
def test_entities_and_document_types_are_refused(tmp_path: Path, doctype: str) -> None:
    text = NEW.replace('<?xml version="1.0"?>', doctype).replace("Electronic government", "&a;")
    [found] = outcomes(Iati(), given(tmp_path, "a.xml", text))
    assert isinstance(found, Rejected)
    assert found.broken


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig", "iso-8859-1"])
def test_a_file_is_known_and_read_in_the_encoding_that_it_says(tmp_path: Path, encoding: str) -> None:
    text = NEW.replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding.removesuffix("-be").removesuffix("-sig")}"?>')
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    file = given(tmp_path, "a.xml", (mark + text).encode(encoding))

    [draft] = outcomes(Iati(), file)

    assert Iati().recognises(file)
    assert Iati().as_of(file) == "2025-12-18T11:30:29"
    assert project(draft).properties["title"] == "Electronic government"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Online services", "x" * 12_000_000),
        ("Online services", "<a>" * 300 + "</a>" * 300),
        ('code="15111"', f'code="{"1" * 12_000_000}"'),
    ],
)
def test_what_is_beyond_all_measure_ends_the_file(tmp_path: Path, old: str, new: str) -> None:
    found = outcomes(Iati(), given(tmp_path, "a.xml", NEW.replace(old, new)))

    assert isinstance(found[-1], Rejected)
    assert found[-1].broken
    assert found[-1].reason.startswith("is no XML from here on (")


@pytest.mark.parametrize("cut", ["</title>", "<activity-status"])
def test_a_file_that_breaks_off_gives_what_stands_before(tmp_path: Path, cut: str) -> None:
    begin = NEW.index("  <iati-activity ")
    two = NEW[: NEW.index("</iati-activities>")] + NEW[begin : NEW.index(cut)]
    first, second = outcomes(Iati(), given(tmp_path, "a.xml", two))
    assert isinstance(first, Draft)
    assert isinstance(second, Rejected)
    assert (second.broken, second.line > 20) == (True, True)


@pytest.mark.parametrize("damage", [b"\0", b"\xff\xfe\xfd", b"&undefined;", b"<"])
def test_damaged_bytes_are_told(tmp_path: Path, damage: bytes) -> None:
    content = NEW.encode().replace(b"Online services", damage)
    found = outcomes(Iati(), given(tmp_path, "a.xml", content))
    assert all(isinstance(outcome, Draft | Rejected) for outcome in found)
    assert any(isinstance(outcome, Rejected) and outcome.broken for outcome in found) or damage == b"&undefined;"


@pytest.mark.slow
def test_all_files_of_the_public_data_are_read(shared: Path) -> None:
    paths = [path for path in sorted((shared / "data/iati").rglob("*.xml")) if "codelists" not in path.parts]
    if not paths:
        pytest.skip("the IATI files are not among the public data")
    known = resolver()
    read = 0
    for path in paths:
        file = InputFile(path, str(path), path.name)
        assert Iati().recognises(file), path
        for outcome in outcomes(Iati(), file, known):
            read += 1
            assert isinstance(outcome, Draft), (path, outcome)
    assert (len(paths), read) == (163, 18244)


TAGS = [
    "iati-activity",
    "iati-identifier",
    "title",
    "narrative",
    "value",
    "transaction",
    "sector",
    "recipient-country",
    "activity-date",
    "participating-org",
]
PIECES = strategies.one_of(
    strategies.sampled_from(
        [f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS] + ['<sector code="15110" percentage="x"/>', "<!--", "&amp;", "&x;"]
    ),
    strategies.text(max_size=8),
)


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(strategies.lists(PIECES, max_size=25).map("".join))
def test_any_xml_gives_outcomes(inside: str) -> None:
    text = f"<iati-activities><iati-activity>{inside}</iati-activity></iati-activities>"
    with TemporaryDirectory() as folder:
        for outcome in outcomes(Iati(), given(Path(folder), "a.xml", text.encode("utf-8", "replace"))):
            if isinstance(outcome, Draft) and outcome.finish:
                project(outcome)
