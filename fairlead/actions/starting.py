"""Begin: a new workspace with a good default model."""

import json
import shutil
from pathlib import Path

from fairlead.actions.laws import NOT_WRITTEN, WORKSPACE_EXISTS
from fairlead.model.load import STARTER
from fairlead.model.reference import schema_json
from fairlead.model.whole import SUBJECTS
from fairlead.problem import Refused, Where
from fairlead.workspace import MODEL, SETTINGS, Workspace, open_workspace

HEAD = """\
# Settings of this workspace. docs/model.md lists every key.
company: {company}
currency: USD            # the company's currency, ISO 4217
timezone: UTC            # days begin and end here: America/New_York, Europe/Berlin, ...
fiscal_year_start: 1     # month, 1 to 12
data: data               # exports to read; a folder in it is a source
"""
IGNORED = ".fairlead/\n"
SCHEMAS = ".fairlead/schema"


def init(folder: Path, *, company: str | None = None) -> Workspace:
    """Make a workspace in `folder` (new or empty) and open it; raises Refused rather than write over anything."""
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused([WORKSPACE_EXISTS.broken("The folder is there and not empty.", Where(str(folder)))])
    fresh = folder.with_name(f".{folder.name}.unfinished")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "data").mkdir(parents=True)
        (fresh / SETTINGS).write_text(HEAD.format(company=_scalar(company or folder.name)))
        (fresh / ".gitignore").write_text(IGNORED)
        write_model(fresh / MODEL)
        write_schemas(fresh / SCHEMAS)
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)
    except OSError as failed:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Refused([NOT_WRITTEN.broken(f"{failed.strerror}.", Where(str(folder)))]) from failed
    return open_workspace(folder)


def write_model(folder: Path) -> None:
    """Copy the starter model into a folder that is not there yet, each file naming the schema editors check it by."""
    shutil.copytree(STARTER, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    for file in folder.glob("*.yaml"):
        schema = f"# yaml-language-server: $schema=../{SCHEMAS}/{file.stem}.schema.json\n"
        file.write_text(schema + file.read_text())


def _scalar(text: str) -> str:
    """Text as a YAML scalar, whatever is in it."""
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write the JSON Schema of every subject of the model into `folder`, one file each; their paths."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = {folder / f"{subject}.schema.json": schema_json(subject) for subject in SUBJECTS}
        for path, content in paths.items():
            path.write_text(json.dumps(content, indent=1) + "\n")
    except OSError as failed:
        raise Refused([NOT_WRITTEN.broken(f"{failed.strerror}.", Where(str(folder)))]) from failed
    return tuple(paths)
