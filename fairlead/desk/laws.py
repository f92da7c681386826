"""What can be wrong with the desk, each worded once."""

from fairlead.problem import Law, Severity

PORT_TAKEN = Law(
    "port-taken",
    Severity.ERROR,
    why="Two programs cannot listen on one port.",
    mend="Stop the other program or choose another port with `--port`.",
)
CANNOT_LISTEN = Law(
    "cannot-listen",
    Severity.ERROR,
    why="The desk listens on an address of this machine, and on a port it may open.",
    mend="Use --host 127.0.0.1 (this machine only) or 0.0.0.0 (the whole network), and a port from 1024 up.",
)
DESK_DATABASE = Law(
    "desk-database",
    Severity.ERROR,
    why="People and what they did are kept in .fairlead/desk.sqlite3, or in the PostgreSQL named in fairlead.yaml.",
    mend="Write `desk: {database: postgresql://USER:PASSWORD@HOST/NAME}`, or leave it out to use the file.",
)
DESK_NEWER = Law(
    "desk-newer",
    Severity.ERROR,
    why="The desk's database was used by a newer Fairlead, whose tables this one does not know.",
    mend="Run the newer Fairlead again, or restore the database from a backup made before the upgrade.",
)
USER_EXISTS = Law(
    "user-exists",
    Severity.ERROR,
    why="A name signs in one person.",
    mend="Choose another name.",
)
USER_UNKNOWN = Law(
    "user-unknown",
    Severity.ERROR,
    why="A sign-in link is made for somebody who may sign in.",
    mend="Add them with `fairlead user add NAME`.",
)
USER_NAME = Law(
    "user-name",
    Severity.ERROR,
    why="A user name is typed at the sign-in and stands in logs.",
    mend="Use up to 150 letters, digits and @ . + - _ (no spaces).",
)
WEAK_PASSWORD = Law(
    "weak-password",
    Severity.ERROR,
    why="A password that is short, common or like the name is guessed.",
    mend="Use at least 12 characters that are not a common password, or none: a sign-in link needs no password.",
)
UNKNOWN_ACCESS = Law(
    "unknown-access",
    Severity.ERROR,
    why="Access says what somebody may see: owner (everything, and lets others in), team (the pages) or none.",
    mend="Use owner, team or none.",
)
LAWS = (
    PORT_TAKEN,
    CANNOT_LISTEN,
    DESK_DATABASE,
    DESK_NEWER,
    USER_EXISTS,
    USER_UNKNOWN,
    USER_NAME,
    WEAK_PASSWORD,
    UNKNOWN_ACCESS,
)
