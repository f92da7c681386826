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
    why="Links, tokens and passwords belong to somebody who may sign in.",
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
NO_SUCH_TOKEN = Law(
    "no-such-token",
    Severity.ERROR,
    why="Only a token that is there can be revoked.",
    mend="`fairlead user list` and the account page show the tokens there are.",
)
TOKEN_LABEL = Law(
    "token-label",
    Severity.ERROR,
    why="A token is known by its label when it has to be revoked.",
    mend="Use 1 to 80 characters that no other of your tokens is called by.",
)
TOKEN_DAYS = Law(
    "token-days",
    Severity.ERROR,
    why="A token that never ends is forgotten and found by others.",
    mend="Choose from 1 to 3650 days.",
)
WRONG_PASSWORD = Law(
    "wrong-password",
    Severity.ERROR,
    why="Whoever finds an open desk must not be able to lock its owner out.",
    mend="Type the password you have now, or ask for a sign-in link.",
)
NOT_SIGNED_IN = Law(
    "not-signed-in",
    Severity.ERROR,
    why="Everything is closed to those who do not say who they are.",
    mend="Send `Authorization: Bearer TOKEN`; `fairlead user token NAME` and the account page make one.",
)
NO_ACCESS = Law(
    "no-access",
    Severity.ERROR,
    why="Who may sign in does not see the workspace before somebody lets them in.",
    mend="Ask an owner of the desk for access.",
)
FORM_EXPIRED = Law(
    "form-expired",
    Severity.ERROR,
    why="A page on another site must not act in the name of whoever is signed in here.",
    mend="Send the page's form token as X-CSRFToken, or use a bearer token instead of the session.",
)
NOT_FOUND = Law(
    "not-found",
    Severity.ERROR,
    why="An address that is misspelt must not answer as if it were another.",
    mend="The addresses there are stand in /api/openapi.json and, to read, at /api/.",
)
WRONG_METHOD = Law(
    "wrong-method",
    Severity.ERROR,
    why="Reading and changing are told apart by the method.",
    mend="Use a method that the header Allow names.",
)
BAD_PARAMETER = Law(
    "bad-parameter",
    Severity.ERROR,
    why="A parameter that is misread gives the right answer to the wrong question.",
    mend="The types and limits of all parameters stand in /api/openapi.json.",
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
    NO_SUCH_TOKEN,
    TOKEN_LABEL,
    TOKEN_DAYS,
    WRONG_PASSWORD,
    NOT_SIGNED_IN,
    NO_ACCESS,
    FORM_EXPIRED,
    NOT_FOUND,
    WRONG_METHOD,
    BAD_PARAMETER,
)
