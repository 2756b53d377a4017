"""The records room alone, on one of its engines: the counts of a study.

Enters: the folder of a study, and pandas, batches or spark. Leaves: private/cells.parquet.
Refuses: nothing.
"""

import sys
from pathlib import Path

from bench import measure
from engagement import counting, files, study

if __name__ == "__main__":
    opened = study.load(Path(sys.argv[1]))
    files.private(opened.private)
    counting.counted(opened, sys.argv[2], measure.screen)
