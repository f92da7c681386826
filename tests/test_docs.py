"""Nothing undocumented: generated pages are fresh, every law, command, setting, metric and part has its words."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer

from docs import generate, keys
from fairlead.cli.app import app
from fairlead.connect.files.mapping import FolderMap
from fairlead.model.load import STARTER, load
from fairlead.problem import Law

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PAGES = tuple(sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]))


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    path = generate.DOCS / name
    assert path.is_file(), "run `make docs`"
    assert path.read_text(encoding="utf-8") == generate.PAGES[name](), "stale: run `make docs`"


def all_laws() -> list[Law]:
    return [law for laws in generate.laws_by_room().values() for law in laws]


def test_a_law_has_one_code_and_is_listed_once() -> None:
    codes = [law.code for law in all_laws()]
    assert len(codes) == len(set(codes)), sorted({c for c in codes if codes.count(c) > 1})
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) for code in codes)


def test_every_law_in_the_code_is_documented() -> None:
    """A `Law(...)` that is not in its room's LAWS would be reported to people and explained nowhere."""
    declared = {
        node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else f"{path}:{node.lineno}"
        for path in sorted((ROOT / "fairlead").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Law"
    }
    assert declared == {law.code for law in all_laws()}


@pytest.mark.parametrize("law", all_laws(), ids=lambda law: law.code)
def test_a_law_says_why_and_what_to_do(law: Law) -> None:
    for words in (law.why, law.mend):
        assert words.strip().endswith((".", "!", "?", "`"))
        assert len(words) >= 10
    assert law.why != law.mend


def test_every_key_of_the_model_says_what_it_is() -> None:
    assert not keys.undescribed()


def test_every_key_of_a_mapping_is_in_its_reference() -> None:
    told = (ROOT / "docs/files.md").read_text(encoding="utf-8")
    wanted = {field.alias or name for kind in keys.types_of(FolderMap) for name, field in kind.model_fields.items()}
    assert not [key for key in sorted(wanted) if not re.search(rf"\b{re.escape(key)}\b", told)]


def test_every_command_and_option_says_what_it_does() -> None:
    root = typer.main.get_command(app)
    silent = [name for name, command in generate.commands_under(root) if not command.help]
    silent += [
        f"{name} {option}"
        for name, command in (("fairlead", root), *generate.commands_under(root))
        for option, says in generate.options(command)
        if not says
    ]
    assert not silent


def test_every_metric_of_the_starter_is_defined() -> None:
    model, problems = load(STARTER)
    assert not [p for p in problems if p.is_error]
    assert model.metrics.metrics
    assert not [m.name for m in model.metrics.metrics.values() if len(m.definition) < 15]


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
        *(name for group in project["dependency-groups"].values() for name in group),
    ]
    names = {re.split(r"[<>=!~\[; ]", line)[0] for line in asked}
    told = (ROOT / "docs/decisions/parts.md").read_text(encoding="utf-8")
    listed = {name for row in re.findall(r"^\| ([^|]+) \|", told, re.MULTILINE) for name in row.split(", ")}
    assert not names - listed, "add a line to docs/decisions/parts.md"


def test_lock_files_hold_every_direct_dependency_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for file, asked in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", [*project["dependencies"], *project["optional-dependencies"]["dev"]]),
    ):
        text = (ROOT / file).read_text(encoding="utf-8")
        locked = {name.lower() for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
        assert {re.split(r"[<>=!~\[; ]", line)[0].lower() for line in asked} <= locked, f"{file}: run `make lock`"
        entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)
        assert all("--hash=sha256:" in entry for entry in entries if "==" in entry.partition("\n")[0])
        assert "://" not in text


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert not [link for link in links if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_is_one_page(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 70


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rules = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert rules
    assert {f"make {name}" for name in rules[1].split()} - {"make help"} <= set(re.findall(r"make [\w-]+", shown))
