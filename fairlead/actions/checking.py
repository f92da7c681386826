"""Check: the model against its laws, the mappings against the files, the published build against the contract."""

from functools import lru_cache

from fairlead.actions import examples
from fairlead.actions.building import contract_problems
from fairlead.actions.entered import never_entered
from fairlead.actions.line_faults import lines_gone
from fairlead.actions.word_faults import unknown_words
from fairlead.model.check import check
from fairlead.model.whole import Model
from fairlead.problem import Problem, by_place
from fairlead.record.lake import manifest
from fairlead.record.recipe import TableCount
from fairlead.workspace import Workspace


def check_model(workspace: Workspace) -> tuple[Problem, ...]:
    """What is wrong with the model alone."""
    model, problems = workspace.loaded
    return (*problems, *_checked(model))


@lru_cache(maxsize=4)
def _checked(model: Model) -> tuple[Problem, ...]:
    """Checked once for as long as the model is open: a model never changes."""
    return check(model)


def check_all(workspace: Workspace) -> tuple[Problem, ...]:
    """Everything that is wrong with a workspace, errors first, then by file and line."""
    from fairlead.connect import files  # here: the scoreboard checks the model, and reads no files

    problems = [*check_model(workspace), *examples.problems(workspace.model)]
    for source in workspace.sources:
        problems += files.faults(source.mapping, base=workspace.base)
        problems += files.stages(source.mapping, source.name, workspace.lake.raw, base=workspace.base)[1]
    if (build := workspace.lake.current()) is not None:
        problems += contract_problems(build, [TableCount(**count) for count in manifest(build)["tables"]])
        problems += unknown_words(workspace.model, build)
        problems += lines_gone(build)
        problems += never_entered(workspace.model, build, sound=not any(p.is_error for p in check_model(workspace)))
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (not p.is_error, *by_place(p))))
