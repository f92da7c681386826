"""An entry of a mapping as a Stage: which of the two ways of reading a table it asks for."""

from fairlead.connect.files.compiler import Compiler, Entry
from fairlead.connect.files.history import history_stage
from fairlead.connect.files.mapping import CHOOSE
from fairlead.connect.files.stages import table_stage
from fairlead.connect.laws import UNKNOWN_TABLE
from fairlead.model.tables import CANONICAL_BY_NAME
from fairlead.problem import Problem, did_you_mean
from fairlead.record.stage import Stage


def compile_entry(entry: Entry) -> tuple[Stage | None, tuple[Problem, ...]]:
    """The Stage of one entry; None when a problem leaves nothing to run."""
    compiler = Compiler(entry)
    table = CANONICAL_BY_NAME.get(entry.table.table)
    if table is None:
        if entry.table.table != CHOOSE:
            hint = did_you_mean(entry.table.table, CANONICAL_BY_NAME)
            compiler.say(UNKNOWN_TABLE, f"The record has no table '{entry.table.table}'.", "table", hint=hint)
        return None, tuple(compiler.problems)
    stage = history_stage(compiler, table) if entry.table.history else table_stage(compiler, table)
    failed = any(p.is_error for p in compiler.problems)
    return None if failed else stage, tuple(compiler.problems)
