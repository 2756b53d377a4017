"""The job done by this package, streamed; `values` asks for the audit of changed values.

Enters: the folder of a study. Leaves: the cleaned table as Parquet. Refuses: nothing.
"""

import sys
from pathlib import Path

from engagement import study
from engagement.records import stream

folder, target = map(Path, sys.argv[1:3])
opened = study.load(folder)
values = target.with_suffix(".values") if "values" in sys.argv[3:] else None
stream.records(opened.rosters[0], opened, target, values=values)
