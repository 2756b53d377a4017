"""The records room alone, on one of its engines: the counts of a study.

Enters: the folder of a study, pandas or batches. Leaves: private/cells.parquet. Refuses: nothing.
"""

import sys
from pathlib import Path

from bench import measure
from engagement import commands, files, study

opened = study.load(Path(sys.argv[1]))
files.private(opened.private)
commands.counted(opened, sys.argv[2], "local[2]", measure.screen)
