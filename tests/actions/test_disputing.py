"""Disputes: written into the model's own text, whole or not at all, and tried against the definition."""

import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fairlead.actions.checking import check_all, check_model
from fairlead.actions.disputing import Contested, contested, dispute, settle
from fairlead.model.decisions import Dispute
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company

NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)
GIVEN = {"won": 1.0, "closed": 4.0}


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    return small_company(tmp_path / "small")


def again(company: Workspace) -> Workspace:
    return open_workspace(company.root)


def decisions(company: Workspace) -> Path:
    return company.root / "model" / "decisions.yaml"


def raise_one(company: Workspace, says: str = "Merged deals are not lost.") -> Dispute:
    return dispute(company, term="M10", says=says, by="vp_sales", given=GIVEN, gives=0.3, raised_in="QBR", now=NOW)


def the_only(company: Workspace) -> Contested:
    (found,) = contested(again(company))
    return found


def test_a_dispute_is_added_below_everything_that_was_there(company: Workspace) -> None:
    before = decisions(company).read_text()
    new = raise_one(company)
    after = decisions(company).read_text()
    assert after.startswith(before)
    assert "disputes:\n  - term: win_rate\n" in after
    found = the_only(company)
    assert found.dispute == new
    assert (new.term, new.raised_by, new.raised_on, new.raised_in) == ("win_rate", "vp_sales", date(2026, 4, 1), "QBR")
    assert (found.number, found.found, found.holds, found.label) == (1, 0.25, False, "Win rate")
    assert after.splitlines()[(found.where.line or 0) - 1] == "  - term: win_rate"


def test_the_day_is_the_companys(company: Workspace) -> None:
    settings = company.root / "fairlead.yaml"
    settings.write_text(settings.read_text().replace("timezone: UTC", "timezone: America/New_York"))
    assert raise_one(again(company)).raised_on == date(2026, 3, 31)


def test_an_open_dispute_is_told_by_check_with_both_values(company: Workspace) -> None:
    raise_one(company)
    (problem,) = [p for p in check_all(again(company)) if p.code == "dispute-open"]
    assert "with won 1, closed 4 the definition gives 0.25, claimed is 0.3" in problem.message


def test_what_was_settled_holds_the_definition_to_it(company: Workspace) -> None:
    raise_one(company)
    done = settle(again(company), term="close rate", how="They are\nout.", by="cro", agreed=True, now=NOW)
    assert (done.settled, done.settled_by, done.settled_on) == ("They are out.", "cro", date(2026, 4, 1))
    assert the_only(company).dispute == done
    codes = [p.code for p in check_model(again(company)) if p.is_error]
    assert codes == ["dispute-not-followed"]
    metrics = company.root / "model" / "metrics.yaml"
    metrics.write_text(metrics.read_text().replace("    ratio: [won, closed]\n", "    derived: won * 0.3 / won\n", 1))
    assert "dispute-not-followed" not in {p.code for p in check_model(again(company))}


def test_one_settled_as_it_is_stays_quiet_until_the_definition_moves(company: Workspace) -> None:
    raise_one(company)
    settle(again(company), term="win_rate", how="No.", by="cro", agreed=False)
    assert [p.code for p in check_model(again(company)) if p.code.startswith("dispute")] == []


def test_several_open_ones_are_settled_by_number(company: Workspace) -> None:
    raise_one(company, "First.")
    raise_one(again(company), "Second.")
    with pytest.raises(Refused, match="say which, 1, 2"):
        settle(again(company), term="win_rate", how="So.", by="cro", agreed=False)
    settle(again(company), term="win_rate", how="So.", by="cro", agreed=False, number=2)
    assert [c.dispute.settled for c in contested(again(company), "win_rate")] == ["", "So."]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"term": "winrate"}, "Did you mean 'win_rate'"),
        ({"says": "  "}, "what is wrong with it"),
        ({"by": ""}, "who says so"),
        ({"says": "x" * 2001}, "longer than"),
        ({"given": {"won": 1.0}}, "each of won, closed"),
        ({"given": {"won": 1.0, "clsed": 4.0}}, "Did you mean 'closed'"),
        ({"given": {}}, "what is given as well"),
        ({"given": {"won": float("nan"), "closed": 4.0}}, "finite"),
        ({"term": "churn"}, "no metric"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    company: Workspace, words: dict[str, object], says: str
) -> None:
    before = decisions(company).read_bytes()
    asked: dict[str, object] = {"term": "win_rate", "says": "No.", "by": "cro", "given": GIVEN, "gives": 0.3}
    with pytest.raises(Refused, match=says):
        dispute(company, **{**asked, **words})  # type: ignore[arg-type]
    assert decisions(company).read_bytes() == before


def test_a_word_that_is_no_number_is_disputed_without_example(company: Workspace) -> None:
    dispute(company, term="churn", says="A downgrade is churn too.", by="cfo", now=NOW)
    found = the_only(company)
    assert (found.found, found.holds) == (None, None)
    assert "gives" not in decisions(company).read_text().rpartition("disputes:")[2]


def test_the_same_dispute_is_not_had_twice(company: Workspace) -> None:
    raise_one(company)
    with pytest.raises(Refused, match="disputed already"):
        raise_one(again(company))
    settle(again(company), term="win_rate", how="No.", by="cro", agreed=False)
    raise_one(again(company))


@pytest.mark.parametrize("content", [None, b"", b"# nothing yet\r\nclaims: {}\r\n", b"\xef\xbb\xbfclaims: {}\n"])
def test_the_file_is_made_or_kept_as_it_was_written(company: Workspace, content: bytes | None) -> None:
    file = decisions(company)
    file.unlink()
    metrics = company.root / "model" / "metrics.yaml"
    metrics.write_text("\n".join(x for x in metrics.read_text().splitlines() if "decision:" not in x) + "\n")
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o640)
    raise_one(again(company))
    after = file.read_bytes()
    assert after.startswith(content or b"")
    assert (b"\r\n" in after) is (b"\r\n" in (content or b""))
    assert b"\r\r" not in after
    assert content is None or file.stat().st_mode & 0o777 == 0o640
    assert the_only(company).dispute.term == "win_rate"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"disputes: [\n", "decisions.yaml"),
        (b"\xff\xfe", "Nothing can be added"),
        (b"disputes: {a: b}\n", "expected a list"),
        (b"{claims: {}}\n", "top level"),
        (b"disputes:\n  - {term: win_rate}\n", "says"),
        (b"claims: {}\n...\n", "decisions.yaml"),
    ],
)
def test_a_file_that_cannot_take_it_stays_as_it_is(company: Workspace, content: bytes, says: str) -> None:
    decisions(company).write_bytes(content)
    with pytest.raises(Refused, match=says):
        raise_one(again(company))
    assert decisions(company).read_bytes() == content


def test_the_starter_model_is_nobodys_to_write_in(tmp_path: Path) -> None:
    (tmp_path / "fairlead.yaml").write_text("company: Bare\n")
    with pytest.raises(Refused, match="no model of its own"):
        raise_one(open_workspace(tmp_path))
    assert not (tmp_path / "model").exists()


MANY = """
import sys
from pathlib import Path
from fairlead.actions.disputing import dispute
from fairlead.workspace import open_workspace
for n in range(8):
    space = open_workspace(Path(sys.argv[1]))
    dispute(space, term="win_rate", says=f"{sys.argv[2]} {n}", by="cro", given={"won": 1, "closed": 4}, gives=n / 8)
"""


def test_two_processes_at_once_lose_none(company: Workspace) -> None:
    command = [sys.executable, "-c", MANY, str(company.root)]
    both = [subprocess.Popen([*command, name]) for name in ("left", "right")]
    assert [one.wait(120) for one in both] == [0, 0]
    said = [c.dispute.says for c in contested(again(company))]
    assert sorted(said) == sorted(f"{name} {n}" for name in ("left", "right") for n in range(8))


KILLED = """
import os, signal, sys
from pathlib import Path
from fairlead.actions import disputing
from fairlead.workspace import open_workspace
def die(*_):
    print("now", flush=True)
    signal.pause()
disputing.shutil.copymode = die
disputing.dispute(open_workspace(Path(sys.argv[1])), term="churn", says="Killed.", by="cfo")
"""


def test_killed_before_the_replacement_the_file_is_the_old_one_and_takes_the_next(company: Workspace) -> None:
    before = decisions(company).read_bytes()
    one = subprocess.Popen([sys.executable, "-c", KILLED, str(company.root)], stdout=subprocess.PIPE)
    assert one.stdout is not None
    assert one.stdout.readline() == b"now\n"
    one.kill()
    one.wait(30)
    assert decisions(company).read_bytes() == before
    assert [p for p in check_model(again(company)) if p.is_error] == []
    started = time.monotonic()
    raise_one(again(company))
    assert time.monotonic() - started < 10, "the lock of a dead process holds nobody up"
    assert [c.dispute.term for c in contested(again(company))] == ["win_rate"]


def test_examples_that_no_longer_fit_their_metric_are_tried_by_nobody(company: Workspace) -> None:
    """Its operands were renamed since: the page still opens, and check says what to do."""
    raise_one(company)
    file = decisions(company)
    file.write_text(file.read_text().replace("given: {won: 1, closed: 4}", "given: {wins: 1, closed: 4}"))
    found = the_only(company)
    assert (found.found, found.holds) == (None, None)
    assert [p.code for p in check_all(again(company)) if p.is_error] == ["dispute-example"]
