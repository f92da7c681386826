"""The speeds we promise, measured: `make bench`. Every figure compares two things inside one run.

`BENCH_SCALE=0.1 make bench` shrinks the data to a tenth, to see that the benches still run. `python -m bench NAME`
runs one: asking, together, overhead, building, landing, memory.
"""
