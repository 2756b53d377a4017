"""What a run leaves on the disk meanwhile can be read by that run alone."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagement import sealed
from engagement.release import unpacking

NAME = "亓官骢羽"


@pytest.fixture
def table():
    return pa.table({"name": [NAME, None], "row": [2, 3]})


def written(table, path, own):
    with sealed.writer(path, table.schema, own) as file:
        file.write_table(table)
    return path


def test_a_sealed_file_is_read_with_its_key_alone(table, tmp_path):
    own = sealed.key()
    path = written(table, tmp_path / "1_members.parquet", own)
    with sealed.reader(path, own) as file:
        assert file.read().equals(table)
    with pytest.raises(OSError, match="decrypt"):
        sealed.reader(path, sealed.key())
    with pytest.raises(OSError, match="encrypted"):
        pq.read_table(path)


def test_nobody_is_in_the_bytes_of_a_sealed_file_and_of_an_open_one_somebody(table, tmp_path):
    shut = written(table, tmp_path / "shut.parquet", sealed.key()).read_bytes()
    bare = written(table, tmp_path / "bare.parquet", None).read_bytes()
    assert not any(NAME in text for text in unpacking.texts(shut))
    assert any(NAME in text for text in unpacking.texts(bare))


def test_every_run_has_a_key_of_its_own():
    assert len({sealed.key() for _ in range(9)}) == 9
    assert len(sealed.key()) == 32
