"""The command line: reads words, calls one verb, shows the answer."""

import os
import sys

from fairlead.problem import Problem, Refused, Where

STOPPED = 130  # what a shell expects of a program ended by Ctrl-C
ENGINE_STOPPED = ("Query interrupted", "INTERRUPT Error: Interrupted!")


def main() -> None:
    """The console script. Whatever goes wrong ends in words, not in a traceback."""
    from fairlead.cli.app import app
    from fairlead.cli.show import problems, say_error

    try:
        app()
    except Refused as refused:
        problems(refused.problems)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (Exception, KeyboardInterrupt, SystemExit) as fault:
        if _stopped(fault):
            say_error("Stopped. Nothing was left half done.")
            sys.exit(STOPPED)
        if isinstance(fault, SystemExit) or os.environ.get("FAIRLEAD_TRACEBACK"):
            raise
        if isinstance(fault, OSError):
            problems([_outside(fault)])
            sys.exit(1)
        say_error(f"A fault in Fairlead: {type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}")
        say_error("Please report it with the output of the same command run with FAIRLEAD_TRACEBACK=1.")
        sys.exit(70)


def _stopped(fault: BaseException) -> bool:
    """Whether somebody pressed Ctrl-C: the command line's frame makes an exit of it, the engine an error of its own."""
    if isinstance(fault, SystemExit):
        return fault.code == STOPPED
    return isinstance(fault, KeyboardInterrupt) or str(fault) in ENGINE_STOPPED


def _outside(fault: OSError) -> Problem:
    """A disk that is full, a folder nobody may write to: the world's fault, told by the file."""
    from fairlead.actions.laws import NOT_WRITTEN

    where = Where(str(fault.filename)) if fault.filename else None
    return NOT_WRITTEN.broken(f"{fault.strerror or str(fault).splitlines()[0]}.", where)
