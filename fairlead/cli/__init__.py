"""The command line: reads words, calls one verb, shows the answer."""

import os
import sys

from fairlead.problem import Refused


def main() -> None:
    """The console script. Whatever goes wrong ends in words, not in a traceback."""
    from fairlead.cli.app import app
    from fairlead.cli.show import problems, say_error

    try:
        app()
    except Refused as refused:
        problems(refused.problems)
        sys.exit(1)
    except KeyboardInterrupt:
        say_error("Stopped. Nothing was left half done.")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as fault:
        if os.environ.get("FAIRLEAD_TRACEBACK"):
            raise
        say_error(f"A fault in Fairlead: {type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}")
        say_error("Please report it with the output of the same command run with FAIRLEAD_TRACEBACK=1.")
        sys.exit(70)
