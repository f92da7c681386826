"""The Revenue page of a company that has brought no contract yet."""

import pytest

from tests.actions.companies import synced_company
from tests.desk.copies import browsing
from tests.desk.reader import read, text


def test_without_a_line_of_a_contract_it_says_what_to_bring(tmp_path_factory: pytest.TempPathFactory) -> None:
    with browsing(synced_company(tmp_path_factory.mktemp("bare") / "small")) as client:
        words = text(read(client, "/revenue/"))
        assert "No contract has a line yet" in words
        assert "fairlead sync" in words
        assert "Period by period" not in words
        assert "There is none." in text(read(client, "/revenue/rows/new/"))
        assert "No contract has a line yet" in text(read(client, "/cohorts/"))
        assert client.get("/api/cohorts").json()["cohorts"] == []
        assert client.get("/api/churn").json()["lost"] == []
        assert client.get("/api/revenue").json()["lenses"][0]["lines"][0]["closing"] == 0
