"""Files of a run that nobody can open once it has ended: Parquet under a key in memory alone.

Enters: tables, and the key of the run.
Leaves: encrypted files (AES-GCM, Parquet modular encryption), and what stands in them.
Refuses: to read a file without the key that it was written with (OSError).
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet import encryption

_BYTES = 32


def key() -> bytes:
    """A key for one run. It is stored nowhere, so what a killed run leaves behind is unreadable.

    No count depends on it.
    """
    return secrets.token_bytes(_BYTES)


def writer(path: Path, schema: pa.Schema, own: bytes | None, **options: object) -> pq.ParquetWriter:
    """A writer of the file at `path` under the key `own`; an open file without one."""
    sealing = encryption.create_encryption_properties(footer_key=own) if own else None
    return pq.ParquetWriter(path, schema, encryption_properties=sealing, **options)


def reader(path: Path, own: bytes | None) -> pq.ParquetFile:
    """What `writer` wrote with the same key."""
    opening = encryption.create_decryption_properties(footer_key=own) if own else None
    return pq.ParquetFile(path, decryption_properties=opening)
