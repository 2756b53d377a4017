"""A study's own key: what is drawn or hashed with it, nobody can replay by guessing.

Enters: a study; it has a key when study.toml says `key = true` under [release].
Leaves: the key in private/release.key, readable by its owner alone; hashes made with it.
Refuses: a key that is lost after a release, or that is none (ReleaseRefused).

Without a key a hash is a plain SHA-256, and the same study has the same bytes on any machine; then
whoever knows every answer but one could try both and see which of them gives the printed numbers.
HMAC: RFC 2104.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from engagement import files
from engagement.errors import ReleaseRefused
from engagement.study import Study

FILE = "release.key"
BYTES = 32
NONE = b""


def make(study: Study) -> None:
    """Make the key of a study that wants one and has none: before its first release, by chance.

    Raises ReleaseRefused when the private folder cannot be written.
    """
    path = study.private / FILE
    if study.keyed and not path.exists():
        files.write(path, f"{secrets.token_hex(BYTES)}\n".encode(), mode=0o600)


def key(study: Study) -> bytes:
    """The key of a study; empty for a study without one.

    Raises ReleaseRefused when it is missing or is not 64 hexadecimal digits.
    """
    if not study.keyed:
        return NONE
    path = study.private / FILE
    if not path.is_file():
        raise ReleaseRefused.one("release_key_missing", file=FILE)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(f"[0-9a-f]{{{2 * BYTES}}}", text):
        raise ReleaseRefused.one("release_key_wrong", file=FILE)
    return bytes.fromhex(text)


def fingerprint(content: str, key: bytes = NONE) -> str:
    """HMAC-SHA-256 of a text in UTF-8 under `key`, or its SHA-256 where the key is empty."""
    source = content.encode("utf-8")
    hashed = hmac.new(key, source, hashlib.sha256) if key else hashlib.sha256(source)
    return hashed.hexdigest()


def name(study: Study) -> str:
    """What tells the key of a study from another, and tells nothing about it."""
    return fingerprint(FILE, key(study)) if study.keyed else ""
