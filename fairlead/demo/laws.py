"""What the demo can refuse."""

from fairlead.problem import Law, Severity

NO_DEMO = Law(
    "no-demo-here",
    Severity.ERROR,
    why="The demo company writes its own exports and model, and must never write over anybody's work.",
    mend="Name a new folder.",
)

LAWS = (NO_DEMO,)
