"""A pseudonym is HMAC-SHA-256 under a key that only its owner can read."""

import hmac

import pandas as pd
import pyarrow as pa
import pytest

from engagement import comparing, counting, pseudonyms, words
from engagement.errors import UsageError

OWN, OTHER = bytes(range(32)), bytes(range(1, 33))


def test_a_pseudonym_is_the_hmac_of_rfc_4231():
    """Test case 2 of the RFC: key "Jefe", data "what do ya want for nothing?"."""
    found = pseudonyms.of(["what do ya want for nothing?"], b"Jefe")
    assert found[0] == "5bdcc146bf60754e6a042426089575c7"


@pytest.mark.parametrize("size", [32, 64, 65, 200])
def test_keys_of_any_length_are_those_of_the_standard_library(size):
    own = bytes(n % 251 for n in range(size))
    texts = ["王芳", "13900139000", ""]
    expected = [hmac.digest(own, text.encode(), "sha256").hex()[:32] for text in texts]
    assert pseudonyms.of(texts, own).tolist() == expected


def test_the_same_key_gives_the_same_pseudonyms_and_another_key_others():
    texts = pd.Series(["王芳", None, "李强", "王芳"])
    found = pseudonyms.of(texts, OWN)
    assert found[1] is None and found[0] == found[3] != found[2]
    assert found.tolist() == pseudonyms.of(texts, OWN).tolist()
    others = pseudonyms.of(texts, OTHER)
    assert not set(found) & (set(others) - {None})


def meeting(left, right):
    one, other = ({"key": side, "at": range(len(side))} for side in (left, right))
    met = pd.DataFrame(one).dropna().merge(pd.DataFrame(other).dropna(), on="key")
    return sorted(zip(met["at_x"], met["at_y"], strict=True))


@pytest.mark.parametrize("own", [OWN, OTHER])
def test_keys_of_rows_meet_as_the_texts_meet_whatever_the_key(own):
    left, right = ["13900139000", "王芳", None, "李"], ["李", "13900139000", "李", None]
    assert meeting(left, right) == [(0, 1), (3, 0), (3, 2)]
    hidden = [pseudonyms.of(side, own) for side in (left, right)]
    assert meeting(*hidden) == meeting(left, right)


def test_under_two_keys_nothing_meets():
    assert meeting(pseudonyms.of(["王芳"], OWN), pseudonyms.of(["王芳"], OTHER)) == []


def test_keys_leave_a_worker_as_pseudonyms_and_nothing_else_changes():
    made = pa.table({"unique_id": [7], "key_0": ["13900139000"], "key_1": ["王芳\x1f1956"]})
    found = comparing._with_pseudonyms(made, OWN).to_pylist()[0]
    assert found["unique_id"] == 7
    assert found["key_0"] == pseudonyms.of(["13900139000"], OWN)[0]
    assert all(len(found[name]) == 32 for name in ("key_0", "key_1"))


# ---------------------------------------------------------------- the file of the key


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    return folder


def a_key(path, content=OWN, mode=0o600):
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refused(path, home) -> set[str]:
    with pytest.raises(UsageError) as error:
        pseudonyms.key(path, home)
    for problem in error.value.problems:
        for language in words.LANGUAGES:
            told = words.text(f"problem.{problem.key}", language, **problem.values)
            assert path.name in told and str(path.parent) not in told
    return {problem.key for problem in error.value.problems}


def test_a_key_that_its_owner_alone_can_read_is_taken(home, tmp_path):
    assert pseudonyms.key(a_key(tmp_path / "own.key"), home) == OWN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_file_that_others_can_read_is_refused(home, tmp_path, mode):
    assert refused(a_key(tmp_path / "own.key", mode=mode), home) == {"key_open"}


def test_a_key_file_inside_the_study_is_refused_by_whatever_way_it_gets_there(home, tmp_path):
    inside = a_key(home / "own.key")
    assert refused(inside, home) == {"key_inside"}
    (tmp_path / "away.key").symlink_to(inside)
    assert refused(tmp_path / "away.key", home) == {"key_inside"}
    (home / "back.key").symlink_to(a_key(tmp_path / "own.key"))
    assert refused(home / "back.key", home) == {"key_inside"}


@pytest.mark.parametrize("content", [b"", OWN[:31], bytes(64)])
def test_a_short_key_or_one_of_a_single_byte_is_refused(home, tmp_path, content):
    assert refused(a_key(tmp_path / "own.key", content), home) == {"key_short"}


def test_a_key_file_that_is_not_there_is_refused(home, tmp_path):
    assert refused(tmp_path / "own.key", home) == {"key_missing"}


def test_all_that_is_wrong_with_a_key_file_is_told_at_once(home):
    wrong = a_key(home / "own.key", b"secret", 0o644)
    assert refused(wrong, home) == {"key_inside", "key_open", "key_short"}


def test_a_cluster_without_a_key_is_refused_before_anything_starts(opened, tmp_path):
    from rich.console import Console

    with pytest.raises(UsageError) as error:
        counting.counted(opened, "spark", Console(), counting.Cluster("spark://example:7077"))
    assert error.value.problems[0].key == "key_needed"
