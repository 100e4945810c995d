"""The funders' board: the matrix, its cells, gaps and overlaps, down to the records."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import httpx
import pytest

pytestmark = pytest.mark.live


async def test_every_cell_leads_to_its_records(client: httpx.AsyncClient) -> None:
    text = (await client.get("/board")).text
    board = (await client.get("/board.json")).json()["board"]
    links = re.findall(r'<a class="cell" href="([^"]+)"><b>(\d+)</b>', text)
    assert len(links) == board["cells"]["totalCount"] == len(board["cells"]["nodes"])
    address, needs = max(links, key=lambda link: int(link[1]))
    cell = await client.get(unescape(address))
    assert cell.status_code == 200
    data = (await client.get(unescape(address).replace("/board/cell", "/board/cell.json"))).json()["board"]["cells"]["nodes"][0]
    assert data["needs"]["totalCount"] == int(needs)
    for need in data["needs"]["nodes"]:
        assert f'href="/needs/{need["id"].partition(":")[2]}"' in cell.text
    assert cell.text.count("no open money</span>") == data["needsWithoutMoney"]["totalCount"]


async def test_gaps_are_marked_in_the_matrix_and_listed_with_their_countries(client: httpx.AsyncClient) -> None:
    text = (await client.get("/board")).text
    board = (await client.get("/board.json")).json()["board"]
    gaps = [cell for cell in board["cells"]["nodes"] if cell["needsWithoutMoney"]["totalCount"] or cell["needsWithoutOffer"]["totalCount"]]
    assert text.count('<td class="gap">') == len(gaps) == board["gaps"]["totalCount"]
    largest = board["gaps"]["nodes"][0]
    assert f"{largest['topic']['title']}: {largest['group']['title']}</a>" in text
    for need in largest["needsWithoutMoney"]["nodes"]:
        assert need["country"]["title"] in text


async def test_columns_and_rows_can_be_chosen(client: httpx.AsyncClient) -> None:
    response = await client.get("/board.json", params={"columns": "income", "within": "digital-identity"})
    cells = response.json()["board"]["cells"]["nodes"]
    assert {cell["group"]["id"] for cell in cells} <= {f"group:{name}-income" for name in ("low", "lower-middle", "upper-middle", "high")}
    assert "topic:national-id" in {cell["topic"]["id"] for cell in cells}


async def test_a_funder_sees_its_own_windows_and_the_gaps_of_all(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/board.json")).json()["board"]
    text = (await client.get("/board")).text
    provider = re.findall(r'<option value="(organization:[^"]+)"', text)[0]
    params = {"provider": provider}

    page = (await client.get("/board", params=params)).text
    board = (await client.get("/board.json", params=params)).json()["board"]

    assert board["offers"] + board["windows"] < whole["offers"] + whole["windows"]
    assert board["needs"] == whole["needs"]
    gaps = {(c["topic"]["id"], c["group"]["id"]): c["needsWithoutMoney"]["totalCount"] for c in whole["cells"]["nodes"]}
    assert all(c["needsWithoutMoney"]["totalCount"] == gaps[c["topic"]["id"], c["group"]["id"]] for c in board["cells"]["nodes"])
    assert f'<option value="{provider}" selected>' in page
    links = re.findall(r'<a class="cell" href="([^"]+)"', page)
    assert len(links) == board["cells"]["totalCount"]
    assert all("provider=" + provider.replace(":", "%3A") in link for link in links)
    cell = await client.get(unescape(links[0]))
    assert (cell.status_code, "We left out" in cell.text) == (200, False)


async def test_a_funder_with_nothing_open_is_left_out_with_a_note(client: httpx.AsyncClient) -> None:
    response = await client.get("/board", params={"provider": "organization:nobody"})
    assert (response.status_code, "We left out provider=organization:nobody" in response.text) == (200, True)


async def test_a_board_with_more_than_a_page_of_cells_is_whole(client: httpx.AsyncClient) -> None:
    board = (await client.get("/board.json", params={"columns": "organization"})).json()["board"]
    assert board["cells"]["totalCount"] == len(board["cells"]["nodes"]) > 100


async def test_the_csv_has_a_row_for_each_cell(client: httpx.AsyncClient) -> None:
    rows = list(csv.DictReader(io.StringIO((await client.get("/board.csv")).content.decode("utf-8-sig"))))
    board = (await client.get("/board.json")).json()["board"]
    assert [row["topic.id"] for row in rows] == [cell["topic"]["id"] for cell in board["cells"]["nodes"]]
    assert {"askedUsd", "openUsd", "needsWithoutMoney.totalCount"} <= set(rows[0])


async def test_what_nobody_offers_is_left_out_with_a_note(client: httpx.AsyncClient) -> None:
    response = await client.get("/board", params={"columns": "beauty", "within": "cooking"})
    assert response.status_code == 200
    assert "We left out columns=beauty, within=cooking" in response.text


@pytest.mark.parametrize("params", [{"topic": "cooking", "group": "africa"}, {"topic": "interoperability", "group": "atlantis"}])
async def test_a_cell_that_does_not_exist_is_not_found(client: httpx.AsyncClient, params: dict[str, str]) -> None:
    assert (await client.get("/board/cell", params=params)).status_code == 404


async def test_a_cell_without_its_two_names_leads_to_the_board(client: httpx.AsyncClient) -> None:
    response = await client.get("/board/cell", params={"topic": "interoperability"})
    assert (response.status_code, response.headers["location"]) == (303, "/board")
