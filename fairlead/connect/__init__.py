"""In: lands any source's rows in raw, unchanged, and says in SQL how its columns become the record's.

A kind of source is one folder here; each has `land`, `stages`, `propose` and `inspect`.
"""
