"""Exports as files: CSV, Excel and Parquet, read as a mapping.yaml says.

land     files of a folder -> raw loads            stages   mapping -> SQL that reads raw as the record
propose  a folder -> a mapping with its reasons    inspect  a folder -> what is dirty in it
faults   what is wrong with a mapping by itself
"""

from fairlead.connect.files.folder import MAPPING
from fairlead.connect.files.folder import faults_of as faults
from fairlead.connect.files.folder import land_folder as land
from fairlead.connect.files.folder import stages_of as stages
from fairlead.connect.files.inspecting import inspect
from fairlead.connect.files.propose import Unread, propose, write

__all__ = ["MAPPING", "Unread", "faults", "inspect", "land", "propose", "stages", "write"]
