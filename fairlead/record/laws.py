"""What can be wrong with the record, each worded once."""

from fairlead.problem import Law, Severity

BUILD_RUNNING = Law(
    "build-running",
    Severity.ERROR,
    why="One process at a time lands and builds, so that no two of them publish over each other.",
    mend="Wait until it has finished and run the command again; if it hangs, end that process: the lock goes with it.",
)
NO_BUILD = Law(
    "no-build",
    Severity.ERROR,
    why="Numbers come from a published build and there is none yet.",
    mend="Run `fairlead sync` first.",
)
NOT_BALANCED = Law(
    "not-balanced",
    Severity.ERROR,
    why="Rows in must equal rows kept plus rows set aside, for every table and source of a build.",
    mend="This is a fault in Fairlead: please report it with the build's build.json.",
)
MUCH_SET_ASIDE = Law(
    "much-set-aside",
    Severity.WARNING,
    why="When more than one row in twenty of a table is set aside, its numbers are probably wrong.",
    mend="See the reasons with `fairlead builds --set-aside` and correct the mapping or the source.",
)
MANY_BROKEN = Law(
    "many-broken-references",
    Severity.WARNING,
    why="A reference that finds nobody is emptied: those rows count, but under no owner, campaign or product.",
    mend="Map the file that lists them (members, campaigns, products), or correct `source` and `by` in the mapping.",
)
LAKE_DAMAGED = Law(
    "lake-damaged",
    Severity.ERROR,
    why="A file under .fairlead is not as Fairlead wrote it: a disk that failed, a copy cut short, or a stray file.",
    mend="A build: remove its folder and sync again. A load of raw: bring it back from a backup, or move it elsewhere.",
)
NOT_COMPUTED = Law(
    "not-computed",
    Severity.ERROR,
    why="A value too large for its type, or two that cannot be compared, have no answer; guessing one would be a lie.",
    mend="Correct the condition (`where`) or the measure that holds it.",
)

LAWS = (BUILD_RUNNING, NO_BUILD, NOT_BALANCED, MUCH_SET_ASIDE, MANY_BROKEN, LAKE_DAMAGED, NOT_COMPUTED)
