"""Write the pages of docs/ that are made from the code: laws, tables, model, metrics, commands and the REST API.

    python -m docs.generate            write the pages that changed
    python -m docs.generate --check    write nothing; exit 1 when a page is stale

Each page is a function from nothing to its text, listed in `PAGES`; `tests/test_docs.py` calls the same functions.
"""

import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from docs import keys, operations
from fairlead.cli.app import app
from fairlead.model.agreed import Agreed
from fairlead.model.load import STARTER, load
from fairlead.model.metrics import GROUPS, Metric, Unit
from fairlead.model.predicate import AS_OF, FUNCTIONS
from fairlead.model.tables import CANONICAL, MARTS, Column, Table
from fairlead.problem import Law

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PACKAGE = ROOT / "fairlead"


def page(title: str, introduction: str, *parts: str) -> str:
    """A whole page, with the note that keeps people from editing it."""
    return (
        "\n\n".join(("<!-- Made by `make docs`; edit the code instead. -->", f"# {title}", introduction, *parts)) + "\n"
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars and line breaks in cells are taken care of."""

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ").strip() for cell in cells) + " |"

    return "\n".join((line(header), "|" + "---|" * len(header), *(line(row) for row in rows)))


def laws_by_room() -> dict[str, tuple[Law, ...]]:
    """Every law that a module declares in its LAWS, each once, keyed by the module's room."""
    found: dict[str, tuple[Law, ...]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        if re.search(r"^LAWS\b", file.read_text(encoding="utf-8"), re.MULTILINE):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            room = re.sub(r"^fairlead[.]|[.]laws\w*$", "", name)
            found[room] = tuple(dict.fromkeys((*found.get(room, ()), *importlib.import_module(name).LAWS)))
    return found


def laws() -> str:
    parts = []
    for room, found in laws_by_room().items():
        rows = ((f"`{law.code}`", str(law.severity), law.why, law.mend) for law in sorted(found))
        parts.append(f"## {room}\n\n" + table(("code", "severity", "why it matters", "what to do"), rows))
    return page(
        "Laws",
        "Every rule that Fairlead holds a model, a mapping or data to. A broken one is reported as a problem with this "
        "code, its file and line, and what to do. An error makes numbers wrong or impossible, and commands exit with "
        "1; a warning is advice.",
        *parts,
    )


def notes(column: Column) -> str:
    """What else is to be known about a column, in a word or two."""
    refers = f"→ {column.refers}" + (" (strict)" if column.strict else "") if column.refers else ""
    return ", ".join(filter(None, (refers, "required" if column.required else "", "derived" if column.derived else "")))


def one_table(found: Table) -> str:
    rows = ((f"`{c.name}`", str(c.kind), notes(c), c.says) for c in found.all_columns)
    grain = ", ".join(f"`{name}`" for name in found.grain)
    return f"### {found.name}\n\n{found.says} One row per {grain}.\n\n" + table(
        ("column", "kind", "notes", "what it is"), rows
    )


def tables() -> str:
    return page(
        "Tables",
        "The record's shape. Mappings fill the canonical tables' columns; predicates, measures and dimensions may name "
        "every column, and follow references with a dot: `account.segment`, `owner.team`.\n\n"
        "*derived*: made by the build, never mapped. *required*: a row without it is set aside. *→ table*: names a row "
        "of that table; see [references](decisions/references.md). Canonical tables are in schema `record`, marts in "
        "`mart`.",
        "## Canonical tables",
        *map(one_table, CANONICAL),
        "## Marts",
        *map(one_table, MARTS),
    )


def one_type(subject: str, kind: type[Agreed], whole: bool) -> str:
    title = f"## {subject}.yaml" if whole else f'<a id="{keys.anchor(subject, kind)}"></a>\n\n### {keys.title(kind)}'
    says = keys.docstring(kind).removeprefix(f"{subject}.yaml").lstrip(".: ")
    told = table(("key", "value", "default", "what it is"), keys.rows(kind, subject))
    return "\n\n".join(filter(None, (title, says[:1].upper() + says[1:], told)))


def model() -> str:
    contents = " · ".join(f"[{subject}](#{subject}yaml)" for subject, _ in keys.subjects())
    return page(
        "Model",
        "Every key of `fairlead.yaml`, the workspace's settings, and of the YAML under `model/`, from the types that "
        "read them. Unknown keys are refused, with the nearest known one offered, and `fairlead check` reports every "
        "problem at once. Where names are listed, a single one may stand without brackets.\n\n"
        "A *predicate* is a condition in SQL over the columns of one table ([tables](tables.md)), such as "
        "`amount >= 5000 and segment = 'enterprise'`. It may use comparisons, `and`, `or`, `not`, `in`, `between`, "
        "`like`, `ilike`, `is null`, arithmetic, `case`, `interval 30 day`, "
        f"the moment of the question as `{AS_OF}`, and the functions {', '.join(f'`{f}`' for f in sorted(FUNCTIONS))}. "
        "Dividing by zero gives null, as does a cast that fails.\n\n" + contents,
        *(
            one_type(subject, kind, place == 0)
            for subject, kinds in keys.subjects()
            for place, kind in enumerate(kinds)
        ),
    )


def made_of(metric: Metric) -> str:
    """How a metric gets its value, in one line of the model's own words."""
    if isinstance(metric.measure, str):
        return f"`measure: {metric.measure}`"
    if metric.measure:
        reading = metric.measure.reading
        where = f" where {metric.measure.where}" if metric.measure.where else ""
        return f"`{reading.aggregate} {reading.expression} from {metric.measure.from_}{where}`"
    if metric.ratio:
        return f"`{metric.ratio[0]} / {metric.ratio[1]}`"
    return f"`{metric.derived}`" if metric.derived else f"needs {', '.join(metric.needs)}"


def limits(metric: Metric) -> str:
    """A target in the metric's unit: shares as percent, thousands set apart."""

    def shown(value: float) -> str:
        return f"{value * 100:g} %" if metric.unit is Unit.PERCENT else f"{value:,.12g}"

    if metric.target is None:
        return ""
    low, high = metric.target.low, metric.target.high
    if low is not None and high is not None:
        return f"{shown(low)} to {shown(high)}"
    return f"at least {shown(low)}" if low is not None else f"at most {shown(high or 0)}"


def metrics() -> str:
    model, _ = load(STARTER)
    parts = []
    for group, title in GROUPS.items():
        rows = (
            (
                f"`{m.name}` {m.id or ''}",
                m.definition + (f" (Decision {m.decision}.)" if m.decision else ""),
                made_of(m),
                str(m.unit),
                limits(m),
                m.owner or "",
            )
            for m in model.metrics.metrics.values()
            if m.group == group
        )
        parts.append(f"## {title}\n\n" + table(("metric", "definition", "made of", "unit", "target", "owner"), rows))
    return page(
        "Metrics",
        "The dictionary that `fairlead init` writes to `model/metrics.yaml`: a starting point to agree on, not a law. "
        "Metrics that *need* something have no number until that data is there, and say so; they are never shown as "
        "zero. `fairlead explain METRIC` tells everything about one of yours.",
        *parts,
    )


def usage(name: str, command: Any) -> str:
    """A command's first line: its name, its arguments, and that it has options."""
    arguments = (p for p in command.params if p.param_type_name == "argument")
    words = (
        (p.name.upper() if p.required else f"[{p.name.upper()}]") + ("..." if p.nargs == -1 else "") for p in arguments
    )
    return " ".join(("fairlead", *name.split(), *words))


def default(parameter: Any) -> str:
    """A default worth telling: not an empty one, and not that of a switch."""
    value = parameter.default
    told = isinstance(value, int | float | str) and not isinstance(value, bool) and value != ""
    return f" Default: {value}." if told else ""


def options(command: Any) -> Iterator[tuple[str, str]]:
    """Every option and argument with what it says of itself."""
    for parameter in command.params:
        argument = parameter.param_type_name == "argument"
        names = [parameter.name.upper()] if argument else [*parameter.opts, *parameter.secondary_opts]
        if "--help" not in names and not getattr(parameter, "hidden", False):
            yield " ".join(f"`{name}`" for name in names), (parameter.help or "") + default(parameter)


def commands_under(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its full name, groups opened, hidden ones left out."""
    for name, command in group.commands.items():
        full = f"{prefix} {name}".strip()
        if getattr(command, "commands", None):
            yield from commands_under(command, full)
        elif not command.hidden:
            yield full, command


def one_command(name: str, command: Any) -> str:
    told = tuple(options(command))
    says = (command.help or "").replace("\b\n", "").strip()
    parts = (
        f"## {name}",
        f"```\n{usage(name, command)}\n```",
        says,
        table(("option", "what it does"), told) if told else "",
    )
    return "\n\n".join(filter(None, parts))


def commands() -> str:
    root = typer.main.get_command(app)
    return page(
        "Commands",
        (root.help or "").strip(),
        "Before any command:\n\n" + table(("option", "what it does"), options(root)),
        *(one_command(name, command) for name, command in commands_under(root)),
    )


def api() -> str:
    introduction, *parts = operations.page(table)
    return page("REST API", introduction, *parts)


PAGES: Mapping[str, Callable[[], str]] = {
    "laws.md": laws,
    "tables.md": tables,
    "model.md": model,
    "metrics.md": metrics,
    "commands.md": commands,
    "api.md": api,
}


def stale() -> Iterator[tuple[Path, str]]:
    """The pages whose file is not what the code says, with what it says."""
    for name, write in PAGES.items():
        path, text = DOCS / name, write()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield path, text


def main(arguments: Sequence[str]) -> int:
    changed = tuple(stale())
    for path, text in changed:
        print(path.relative_to(ROOT))
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if not changed:
        print("docs/ is up to date.")
    return 1 if changed and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
