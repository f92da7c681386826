"""In: lands any source's rows in raw, unchanged, and says in SQL how its columns become the record's.

A kind of source is one folder here and one line in `SOURCES`; each has `land`, `stages`, `propose` and `inspect`.
"""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from fairlead.connect import files

SOURCES: Mapping[str, ModuleType] = MappingProxyType({"files": files})
