"""The house's rules, enforced: which room may import which, who touches the outside world, how big things get.

Imports are read from the syntax tree, so those inside functions and under TYPE_CHECKING count too. A rule
that must bend for a while bends in `RATCHET`, whose numbers may only go down.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlglot
from sqlglot import exp

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fairlead"

# A room imports only rooms of a lower rank; never its equals.
RANKS = {
    "problem": 0,
    "values": 0,
    "zones": 0,
    "model": 1,
    "analysis": 2,
    "record": 2,
    "picture": 2,
    "connect": 3,
    "workspace": 3,
    "actions": 4,
    "desk": 5,
    "demo": 5,
    "__init__": 5,
    "cli": 6,  # starts the desk and writes the demo; nothing may import it
    "__main__": 7,
}
ACTIONS = RANKS["actions"]

VAGUE_NAMES = frozenset(
    {"utils", "util", "helpers", "helper", "common", "internals", "internal", "core", "service", "services"}
    | {"manager", "managers", "base", "misc", "shared", "lib", "tools", "stuff"}
)

MODULE_LINES = 400
FUNCTION_LINES = 60
# Modules and functions that are longer than they should be, and how long. Numbers here may only shrink.
RATCHET: dict[str, int] = {}

IO_MODULES = frozenset(
    {"os", "io", "pathlib", "shutil", "tempfile", "socket", "subprocess", "sqlite3", "urllib", "http", "glob"}
    | {"duckdb", "openpyxl", "requests", "httpx", "fcntl", "time"}
    | {"pyarrow.parquet", "pyarrow.csv", "pyarrow.dataset", "pyarrow.fs", "pyarrow.feather"}
)
IO_CALLS = frozenset({"open", "print", "input", "exec", "eval"})
IO_METHODS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "read_parquet", "read_csv"})

# What tells the time of day. A stopwatch (time.monotonic, time.perf_counter) does not.
CLOCKS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
    | {"time.localtime", "time.gmtime", "timezone.now"}
)
SQL_CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.CurrentDatetime)


class Module(NamedTuple):
    """One module: its dotted name, file, syntax tree and text."""

    name: str
    path: Path
    tree: ast.Module
    text: str

    @property
    def room(self) -> str:
        """The first part under `fairlead`: a room or a lone module."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else "__init__"

    @property
    def file(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


class Import(NamedTuple):
    """One import statement's target, the line it is on, and whether it runs when the module is loaded."""

    target: str
    line: int
    at_load: bool


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(dotted(path), path, ast.parse(text), text))
    return tuple(found)


@cache
def sql_files() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.sql")))


def under(room: str) -> Iterator[Module]:
    return (m for m in modules() if m.room == room)


def imports(module: Module) -> Iterator[Import]:
    """Every import in a module; `from a import b` is told as `a.b` when that is a module, else as `a`."""
    names = {m.name for m in modules()}
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
    loaded = set(map(id, at_load(module.tree)))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                home = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
                origin = f"{home}.{origin}".rstrip(".")
            targets = [full if (full := f"{origin}.{a.name}") in names else origin for a in node.names]
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "importlib.import_module"}:
            targets = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        else:
            continue
        yield from (Import(target, node.lineno, id(node) in loaded) for target in targets)


def at_load(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is loaded: not function bodies, not TYPE_CHECKING blocks."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_load(child)


def called(node: ast.Call) -> str:
    """The dotted name that is called, or '' when it is not a plain name."""
    try:
        name = ast.unparse(node.func)
    except ValueError:  # pragma: no cover
        return ""
    return name if re.fullmatch(r"[\w.]+", name) else f".{name.rpartition('.')[2]}"


def calls(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield called(node), node.lineno


def top(target: str) -> str:
    return target.partition(".")[0]


def said(faults: list[str]) -> str:
    return "\n" + "\n".join(faults)


HIDDEN = """
from typing import TYPE_CHECKING
from . import weather
if TYPE_CHECKING:
    from fairlead.actions import asking
def later():
    import fairlead.desk.urls
    importlib.import_module("fairlead.demo")
"""


def test_imports_are_seen_wherever_they_hide() -> None:
    module = Module("fairlead.analysis.metric", PACKAGE / "analysis/metric.py", ast.parse(HIDDEN), HIDDEN)
    found = {i.target: i.at_load for i in imports(module) if top(i.target) == "fairlead"}
    assert found == {
        "fairlead.analysis": True,
        "fairlead.actions.asking": False,
        "fairlead.desk.urls": False,
        "fairlead.demo": False,
    }


def test_every_room_has_a_rank() -> None:
    assert {m.room for m in modules()} <= RANKS.keys()


def test_imports_point_down() -> None:
    faults = []
    for module in modules():
        for target, line, _ in imports(module):
            if top(target) != "fairlead":
                continue
            parts = target.split(".")
            room = parts[1] if len(parts) > 1 else "__init__"
            if room != module.room and RANKS.get(room, 99) >= RANKS[module.room]:
                faults.append(f"{module.file}:{line} imports {target}: {module.room} may import lower rooms only")
    assert not faults, said(faults)


def test_no_import_cycles_when_modules_are_loaded() -> None:
    names = {m.name for m in modules()}
    waiting = {m.name: {i.target for i in imports(m) if i.at_load and i.target in names} - {m.name} for m in modules()}
    while free := [name for name, needs in waiting.items() if not needs & waiting.keys()]:
        for name in free:
            del waiting[name]
    assert not waiting, f"modules that wait for each other: {sorted(waiting)}"


def test_rooms_are_named_by_the_business() -> None:
    assert not {m.name for m in modules() if VAGUE_NAMES & set(m.name.split("."))}


def test_every_module_has_a_docstring() -> None:
    silent = [
        m.file for m in modules() if m.text.strip() and not ast.get_docstring(m.tree) and "/migrations/" not in m.file
    ]
    assert not silent, said(silent)


def test_only_the_engine_opens_a_database_engine() -> None:
    engine = "fairlead/record/engine.py"
    faults = [
        f"{m.file}:{line} calls {name}"
        for m in modules()
        if m.file != engine
        for name, line in calls(m)
        if name in {"duckdb.connect", "duckdb.sql", "duckdb.query", "duckdb.execute"}
    ]
    faults += [
        f"{m.file}:{i.line} imports {i.target}"
        for m in modules()
        if m.file != engine
        for i in imports(m)
        if top(i.target) in {"pyspark", "databricks"}
    ]
    assert not faults, said(faults)


def test_time_zones_come_from_one_table() -> None:
    """`ZoneInfo(name)` would read the operating system's files, and say another hour than the engine."""
    faults = [
        f"{m.file}:{line} calls {name}"
        for m in modules()
        if m.room != "zones"
        for name, line in calls(m)
        if name.rpartition(".")[2] in {"ZoneInfo", "available_timezones", "reset_tzpath", "assume_timezone"}
    ]
    assert not faults, said(faults)


def test_only_the_desk_imports_django() -> None:
    faults = [
        f"{m.file}:{i.line}" for m in modules() if m.room != "desk" for i in imports(m) if top(i.target) == "django"
    ]
    assert not faults, said(faults)


def test_analysis_does_no_io() -> None:
    faults = []
    for module in under("analysis"):
        faults += [
            f"{module.file}:{i.line} imports {i.target}"
            for i in imports(module)
            if top(i.target) in IO_MODULES or i.target in IO_MODULES
        ]
        faults += [
            f"{module.file}:{line} calls {name}"
            for name, line in calls(module)
            if name in IO_CALLS or name.rpartition(".")[2] in IO_METHODS
        ]
    assert not faults, said(faults)


def test_nothing_below_actions_reads_the_clock() -> None:
    faults = [
        f"{m.file}:{line} calls {name}"
        for m in modules()
        if RANKS[m.room] < ACTIONS
        for name, line in calls(m)
        if ".".join(name.split(".")[-2:]) in CLOCKS
    ]
    assert not faults, said(faults)


def test_modules_and_functions_stay_small() -> None:
    sizes = {}
    for module in modules():
        if "/migrations/" in module.file:
            continue
        sizes[module.file] = (len(module.text.splitlines()), MODULE_LINES)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                sizes[f"{module.file}:{node.name}"] = (length, FUNCTION_LINES)
    faults = [
        f"{name} has {lines} lines; {RATCHET.get(name, limit)} are allowed"
        for name, (lines, limit) in sizes.items()
        if lines > RATCHET.get(name, limit)
    ]
    faults += [
        f"{name} is small enough now: take it off the ratchet"
        for name in RATCHET
        if name not in sizes or sizes[name][0] <= sizes[name][1]
    ]
    assert not faults, said(faults)


@pytest.mark.parametrize("path", sql_files(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_table_is_a_file(path: Path) -> None:
    """One SELECT, first line a comment with the grain, every table with its schema, no star at the edge, no clock."""
    text = path.read_text(encoding="utf-8")
    first = text.partition("\n")[0]
    assert first.startswith("-- "), "the first line is a comment that says the grain"
    assert re.search(r"\b(one row|a row|grain)\b", first, re.IGNORECASE), f"the grain is not in: {first}"
    statements = [s for s in sqlglot.parse(text, read="duckdb") if s is not None]
    assert len(statements) == 1
    select = statements[0]
    assert isinstance(select, exp.Query)
    within = {cte.alias for cte in select.find_all(exp.CTE)}
    bare = {t.name for t in select.find_all(exp.Table) if t.name and not t.db} - within
    assert not bare, f"without a schema: {bare}"
    assert not any(isinstance(column, exp.Star) for column in select.selects), "name the columns of the result"
    assert not list(select.find_all(*SQL_CLOCKS)), "time comes in as a parameter"


# A letter of each stands in brackets, so that neither these patterns nor a plain search for the words finds this file.
FORBIDDEN = {
    "a registry's address": re.compile(
        r"py[p]i[.]org|python[h]osted[.]org|registry[.]n[p]mjs|deb[.]d[e]bian[.]org"
        r"|(extra-)?in[d]ex-url\s*[= ]\s*\w|find-l[i]nks\s*[= ]\s*/"
    ),
    "a machine's path": re.compile(r"(?<![\w.])/([w]ork|r[o]ot|h[o]me/\w+|U[s]ers/\w+|opt/w[h]eels)/"),
    "a key": re.compile(r"\b(A[K]IA[0-9A-Z]{16}|g[h]p_\w{30,}|sk_l[i]ve_\w{20,})\b"),
}
FOUND = {
    "a registry's address": "--{}-url = https://{}.org/simple".format("index", "pypi"),
    "a machine's path": "see /{}/anna/notes".format("home"),
    "a key": "{}{}".format("AKI", "A" + "0123456789ABCDEF"),
}
EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
# Domains nobody can own (RFC 2606), and everybody's made-up company.
MADE_UP = re.compile(r"(^|\.)(example(\.\w+)*|acme(\.\w+)+|test|invalid|localhost|local|127\.0\.0\.1)$")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository; without git, every file here."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        names = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        names = [p for p in ROOT.rglob("*") if not {".venv", ".git"} & set(p.relative_to(ROOT).parts)]
    return tuple(p for p in names if p.is_file())


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return "" if b"\0" in raw[:8000] else raw.decode("utf-8", errors="replace")


def test_what_no_file_names_would_be_found() -> None:
    own = Path(__file__).read_text(encoding="utf-8")
    for what, pattern in FORBIDDEN.items():
        assert pattern.search(FOUND[what])
        assert not pattern.search(own)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:100]}"
        for path in tracked()
        if path.suffix not in {".lock"} or what != "a key"
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert not faults, said(faults)


def test_no_file_names_a_persons_address() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{number} {found[0]}"
        for path in tracked()
        if path.suffix not in {".lock", ".svg"}
        for number, line in enumerate(text_of(path).splitlines(), 1)
        for found in EMAIL.finditer(line)
        if not MADE_UP.search(found[1].lower())
    ]
    assert not faults, said(faults)
