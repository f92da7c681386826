"""`fairlead report`: thin around its verb."""

from pathlib import Path

from typer.testing import CliRunner

from fairlead.cli.app import app
from tests.actions.companies import small_company, synced_company


def test_before_the_first_build_nothing_is_written(tmp_path: Path) -> None:
    workspace = small_company(tmp_path / "small")
    target = tmp_path / "board.html"
    result = CliRunner().invoke(app, ["-C", str(workspace.root), "report", "scoreboard", "--html", str(target)])
    assert result.exit_code != 0
    assert not target.exists()


def test_it_writes_what_was_asked_for(tmp_path: Path) -> None:
    place = ["-C", str(synced_company(tmp_path / "small").root)]
    files = {name: tmp_path / f"board.{name}" for name in ("pdf", "html")}
    asked = [
        *place,
        "report",
        "scoreboard",
        *(part for name, file in files.items() for part in (f"--{name}", str(file))),
    ]
    result = CliRunner().invoke(app, [*asked, "--as-of", "2026-02-28"])
    assert result.exit_code == 0, result.output
    assert "as of Sat, Feb 28, 2026" in files["html"].read_text(encoding="utf-8")
    assert files["pdf"].read_bytes().startswith(b"%PDF")
