"""The demo company: a simulated seller of software whose tools' exports have planted faults and a known truth.

    simulate (world) ──> plant faults ──> exports (data/*/ with mapping.yaml)
                                    └───> truth (truth/planted.csv, truth/metrics.csv)

Everything comes from one simulation, and the same seed and scale give the same bytes. The truth is worked out
from the simulation's own state, never through the record, so that it can judge the record.
"""

from fairlead.demo.writing import write

__all__ = ["write"]
