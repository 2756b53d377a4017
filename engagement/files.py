"""Writing files so that none is ever half there, and one run at a time.

Enters: a target and its bytes; a folder and all that belongs together in it; a private folder.
Leaves: the whole file or the old one; all the files of a set or none of them.
Refuses: a folder that cannot be written, and a second run (problems, not tracebacks).
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from engagement.errors import ReleaseRefused, UsageError

SPILL, PART = "spill-", ".part"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # no room, no quota, too large for a file
MOUNTED = {errno.EBUSY, errno.EXDEV}  # what a mount answers when it is to be replaced
HERE, EXCHANGED = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of linux/fcntl.h and linux/fs.h
FORMULA = re.compile("[=+\\-@\t\r＝＋－＠]")
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
SIGNED_NUMBER = re.compile(r"[+\-－＋][\d .,()－-]*")


def write(target: Path, content: bytes, mode: int | None = None) -> None:
    """Put `content` at `target`: a temporary file beside it, flushed, then moved over it.

    `mode` says who may read it (an octal mode); by default whoever the system lets.

    Raises ReleaseRefused when the folder cannot be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}{PART}")
    try:
        with writing(target):
            _flushed(temporary, content)
            if mode is not None:
                temporary.chmod(mode)
            temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_together(place: Path, contents: Mapping[str, bytes]) -> None:
    """Put `contents`, by name, into the folder `place` in one step: all of them, or none.

    They are written and flushed in a new folder beside it, which then takes its place; other files
    in the folder stay. Where that needs two moves, `settle` completes what a kill left undone.
    Raises ReleaseRefused that names the first file that cannot be written or is locked.
    """
    settle(place)
    place = place.resolve()
    new, old = _beside(place)
    try:
        for name, content in contents.items():
            with writing(place / name):
                _flushed(new / name, content)
                if (place / name).exists():
                    (place / name).open("r+b").close()
        with writing(place):
            _carry_others(place, new)
            _exchange(place, new, old)
    finally:
        settle(place)


def settle(place: Path) -> None:
    """Complete or undo what a killed process left of `write_together`.

    The new folder moves only when it is whole, so where the old one has left its place, it is.
    Raises ReleaseRefused when the folder cannot be moved.
    """
    place = place.resolve()
    new, old = _beside(place)
    if old.exists() and not place.exists():
        with writing(place):
            (new if new.exists() else old).replace(place)
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)


def _beside(place: Path) -> tuple[Path, Path]:
    """Where the new content of a folder is made, and where its old one waits to be removed."""
    return place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")


def _carry_others(place: Path, new: Path) -> None:
    """Copy into `new` what lies in `place` and is not replaced."""
    for path in place.iterdir() if place.exists() else ():
        if (new / path.name).exists() or path.name.endswith(PART):
            continue
        copied = shutil.copytree if path.is_dir() else shutil.copy2
        copied(path, new / path.name)


def _exchange(place: Path, new: Path, old: Path) -> None:
    _flush_folder(new)
    if not place.exists():
        new.replace(place)
    elif not _swapped(new, place):
        place.replace(old)
        try:
            new.replace(place)
        except OSError:
            old.replace(place)
            raise
    _flush_folder(place.parent)


def _swapped(one: Path, other: Path) -> bool:
    """Whether two folders changed places in one call; only Linux has such a call, renameat2."""
    if sys.platform != "linux":
        return False
    import ctypes

    call = getattr(ctypes.CDLL(None), "renameat2", None)
    paths = (os.fsencode(one), HERE, os.fsencode(other))
    return call is not None and call(HERE, *paths, EXCHANGED) == 0


def _flush_folder(place: Path) -> None:
    """Let the names in a folder outlast a loss of power, where a folder can be flushed."""
    if os.name != "nt":
        opened = os.open(place, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def folder(path: Path) -> Path:
    """Make the folder `path`, and show that files can be written to it.

    Raises ReleaseRefused when they cannot.
    """
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".{os.getpid()}{PART}"
        probe.write_bytes(b"")
        probe.unlink()
    return path


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Whatever the disk refuses in this block is told of `target`.

    Raises ReleaseRefused.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise full(target) from None
        if error.errno in MOUNTED:
            raise ReleaseRefused.one("mounted", file=target.name) from None
        reason = error.strerror or type(error).__name__
        raise ReleaseRefused.one("not_writable", file=target.name, found=reason) from None


def full(target: Path) -> ReleaseRefused:
    """The refusal of a disk that has no room left for `target`."""
    return ReleaseRefused.one("disk_full", file=target.name)


def _flushed(temporary: Path, content: bytes) -> None:
    temporary.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_csv(target: Path, table: pd.DataFrame, *, for_people: bool = False) -> None:
    """Put `table` at `target` as UTF-8 CSV, with formulas made plain text.

    `for_people` adds the byte order mark without which Excel garbles Chinese.
    """
    text = table.apply(_inert_column).to_csv(index=False, lineterminator="\n")
    write(target, text.encode("utf-8-sig" if for_people else "utf-8"))


def _inert_column(column: pd.Series) -> pd.Series:
    """The column with its formulas made plain text; each distinct text is looked at once."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    changed = {text: inert(text) for text in column.dropna().unique()}
    changed = {text: plain for text, plain in changed.items() if plain is not text}
    return (
        column.map(lambda text: changed.get(text, text), na_action="ignore") if changed else column
    )


def inert(value: object) -> object:
    """A text that a spreadsheet program would run as a formula, made plain text."""
    if isinstance(value, str) and FORMULA.match(value) and not SIGNED_NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def repacked(source: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A zip with one fixed date for all, in one order, and with `parts` in place of its own."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(written, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, parts[name] if name in parts else old.read(name))
    return written.getvalue()


def private(folder: Path) -> Path:
    """Make the private folder of a study, readable by its owner alone.

    Raises ReleaseRefused when it cannot be written.
    """
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        for leftover in folder.rglob(f".*{PART}"):
            leftover.unlink()
        for leftover in folder.glob(f"{SPILL}*"):
            shutil.rmtree(leftover)
    return folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a study's private folder; it ends with the process, however that ends.

    Raises UsageError when another run holds it, ReleaseRefused when it cannot be written.
    """
    path = folder / ".lock"
    with writing(path):
        lock = path.open("a+b")
    with lock:
        try:
            _take(lock)
        except OSError:
            raise UsageError.one("running", folder=folder.parent.name) from None
        yield


def _take(lock) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
