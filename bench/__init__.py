"""The speeds we promise, measured: `make bench`. Each figure compares two things inside one run; landing is in
seconds and pages are in milliseconds, so they want a machine that does nothing else.

`BENCH_SCALE=0.1 make bench` shrinks the data to a tenth, to see that the benches still run. `python -m bench NAME`
runs one; a name that is none lists them.
"""
