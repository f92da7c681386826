"""The laws of how recurring revenue is counted."""

from fairlead.problem import Law, Severity

SWITCH_WITHOUT_REASON = Law(
    "switch-without-reason",
    Severity.WARNING,
    "A decision on what counts as revenue that nobody can explain is argued about every quarter.",
    "Add a line under `why:` with the name of the switch.",
)
REASON_OF_NOTHING = Law(
    "reason-of-nothing",
    Severity.ERROR,
    "A reason for a switch that does not exist explains nothing; the switch it was meant for has none.",
    "Give it the name of a switch.",
)
LENS_OF_OURS = Law(
    "lens-of-ours",
    Severity.ERROR,
    "`ours` is how this company counts; a second meaning of it could not be told from the first.",
    "Give the lens another name.",
)
LENS_WITHOUT_SOURCE = Law(
    "lens-without-source",
    Severity.WARNING,
    "That somebody else counts so is a claim; without its source nobody can check it.",
    "Add `source:` to the lens: where it is documented.",
)
RETENTION_TOLD_TWICE = Law(
    "retention-told-twice",
    Severity.WARNING,
    "NRR, GRR and customers lost are one rule in the starter's measures and in `fairlead revenue`; a measure of the"
    " same name that reads the same table otherwise makes the dictionary tell another NRR than the report.",
    "Take the measure from the starter's metrics.yaml, or give yours a name of its own.",
)

LAWS: tuple[Law, ...] = (
    SWITCH_WITHOUT_REASON,
    REASON_OF_NOTHING,
    LENS_OF_OURS,
    LENS_WITHOUT_SOURCE,
    RETENTION_TOLD_TWICE,
)
