"""What an answer rests on: another of any of it is another answer."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairlead.workspace import Workspace, open_workspace
from tests.desk.copies import browsing, copied, edited

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def own(company: Workspace, tmp_path: Path) -> Workspace:
    return copied(company, tmp_path / "own")


@pytest.mark.usefixtures("company_desk")
def test_two_workspaces_alike_are_two(own: Workspace, tmp_path: Path) -> None:
    from fairlead.desk.grounds import grounds

    shutil.copytree(own.root, tmp_path / "twin")
    twin = open_workspace(tmp_path / "twin")
    assert grounds(own, NOW) == grounds(own, NOW)
    assert set(grounds(own, NOW)) ^ set(grounds(twin, NOW)) == {str(own.root), str(twin.root)}


@pytest.mark.usefixtures("company_desk")
def test_an_answer_of_the_past_also_rests_on_raw_on_mappings_and_on_builds(own: Workspace) -> None:
    from fairlead.desk.grounds import grounds

    def landed() -> None:
        load = own.lake.loads()[-1].path
        shutil.copy(load, load.with_name(f"20261101{load.name[8:]}"))

    def mapped() -> None:
        mapping = next(source.mapping for source in own.sources if source.mapping.is_file())
        mapping.write_text(mapping.read_text() + "\n# looked at\n")

    def built() -> None:
        (own.lake.builds / "2026-01-01-0123456789ab").mkdir()

    for change in (landed, mapped, built):
        now, past = grounds(own, NOW), grounds(own, NOW, past=True)
        change()
        assert grounds(own, NOW) == now, change.__name__
        assert grounds(own, NOW, past=True) != past, change.__name__


@pytest.mark.usefixtures("company_desk")
def test_everything_rests_on_the_model_and_the_settings(own: Workspace) -> None:
    from fairlead.desk.grounds import grounds

    before = grounds(own, NOW)
    edited(own.root, "fairlead.yaml", ("company:", "# ours\ncompany:"))
    assert grounds(own, NOW + timedelta(0)) != before


def test_a_chart_of_one_workspace_is_never_shown_for_another(company: Workspace, tmp_path: Path) -> None:
    """Two copies alike but for the company's raw data have pictures of their own."""
    tags = []
    for name in ("first", "second"):
        with browsing(copied(company, tmp_path / name)) as client:
            answer = client.get("/charts/metric/win_rate.json")
            assert answer.status_code == 200
            tags.append(answer["ETag"])
    assert tags[0] != tags[1]


def test_a_chart_of_an_earlier_day_is_drawn_anew_when_raw_has_grown(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "own")
    addresses = ("/charts/metric/win_rate.json", "/charts/metric/win_rate.json?as_of=2026-10-31")
    with browsing(place) as client:
        before = [client.get(address).headers.get("ETag") for address in addresses]
        load = place.lake.loads()[-1].path
        shutil.copy(load, load.with_name(f"20261101{load.name[8:]}"))
        after = [client.get(address).headers.get("ETag") for address in addresses]
    assert before[0] == after[0]
    assert before[1] != after[1]
