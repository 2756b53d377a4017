"""With a key of its own a study cannot be replayed; without one it is the same everywhere."""

import hashlib
import hmac
import os
import stat

import pandas as pd
import pytest
from invented import a_study, cells, people, tables

from engagement import secret
from engagement.errors import ReleaseRefused
from engagement.records import allocation
from engagement.release import claims, disclosure, ledger
from engagement.release.ledger import Ledger

TEXT = "01" * 32


def keyed(folder, text=None, **changes):
    one = a_study(folder=folder, keyed=True, **changes)
    one.private.mkdir(exist_ok=True, parents=True)
    if text is not None:
        (one.private / secret.FILE).write_text(f"{text}\n", encoding="ascii")
    return one


def released(study, before=None):
    release = disclosure.control(tables(), study)
    return release, ledger.append(before or Ledger(), claims.told(release, study), study)


def test_a_fingerprint_is_the_hmac_of_rfc_2104_or_the_plain_hash():
    """RFC 4231, test case 2; FIPS 180-4 for the plain one."""
    told = secret.fingerprint("what do ya want for nothing?", b"Jefe")
    assert told == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert secret.fingerprint("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path):
    first, second = keyed(tmp_path / "a"), keyed(tmp_path / "b")
    for one in (first, second, first):
        secret.make(one)
    kept = [secret.key(one) for one in (first, second)]
    secret.make(first)
    assert len(kept[0]) == len(kept[1]) == 32 and kept[0] != kept[1]
    assert secret.key(first) == kept[0]
    if os.name != "nt":
        assert stat.S_IMODE((first.private / secret.FILE).stat().st_mode) == 0o600


def test_a_study_that_wants_no_key_has_none_and_makes_none(tmp_path):
    plain = a_study(folder=tmp_path)
    secret.make(plain)
    assert (secret.key(plain), secret.name(plain), list(tmp_path.iterdir())) == (b"", "", [])


@pytest.mark.parametrize(
    ("text", "problem"), [(None, "release_key_missing"), ("", "release_key_wrong"), ("0" * 63, "release_key_wrong"),
                          ("0" * 65, "release_key_wrong"), ("g" * 64, "release_key_wrong"), ("密" * 64, "release_key_wrong")],
)  # fmt: skip
def test_a_key_that_is_missing_or_none_is_refused(tmp_path, text, problem):
    one = keyed(tmp_path)
    if text is not None:
        (one.private / secret.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseRefused, match=problem):
        disclosure.control(tables(), one)


def test_the_same_study_and_key_give_the_same_release_and_another_key_another_draw(tmp_path):
    plain = disclosure.control(tables(), a_study())
    one, same = (released(keyed(tmp_path / name, TEXT))[0] for name in ("a", "b"))
    other = released(keyed(tmp_path / "c", "ff" * 32))[0]
    assert one.id == same.id
    assert len({plain.id, one.id, other.id}) == 3


def test_one_who_knows_all_answers_but_one_can_redo_the_draw_only_without_a_key(tmp_path):
    """Both answers of one member are tried, by one who has everything but the key."""
    members = people()
    worlds = [members.copy(), members.copy()]
    for answer, world in enumerate(worlds):
        world.loc[0, "volunteers"] = bool(answer)
    tried = [disclosure.control({"cells": cells(world)}, a_study()).id for world in worlds]
    truth = {"cells": cells(worlds[1])}
    assert disclosure.control(truth, a_study()).id == tried[1] != tried[0]
    assert disclosure.control(truth, keyed(tmp_path, TEXT)).id not in tried


def test_the_name_of_a_key_is_not_the_key_and_stands_in_the_ledger(tmp_path):
    one = keyed(tmp_path, TEXT)
    entry = released(one)[1].entries[0]
    known = hmac.new(bytes.fromhex(TEXT), b"release.key", hashlib.sha256).hexdigest()
    assert entry["key"] == known
    assert "key" not in released(a_study())[1].entries[0]
    assert TEXT not in str(entry)


def test_a_release_with_another_key_or_without_it_is_refused(tmp_path):
    """The first release was drawn with a key; the study has it, another one, none, or wants none."""
    one = keyed(tmp_path, TEXT)
    ledger.write(released(one)[1], one)
    assert len(ledger.read(one).entries) == 1
    with pytest.raises(ReleaseRefused, match="release_key_other"):
        ledger.read(a_study(folder=tmp_path))
    (one.private / secret.FILE).write_text("ff" * 32, encoding="ascii")
    with pytest.raises(ReleaseRefused, match="release_key_other"):
        ledger.read(one)
    (one.private / secret.FILE).unlink()
    with pytest.raises(ReleaseRefused, match="release_key_missing"):
        ledger.read(one)


def test_a_study_may_begin_to_have_a_key(tmp_path):
    plain = a_study(folder=tmp_path)
    plain.private.mkdir()
    ledger.write(released(plain)[1], plain)
    one = keyed(tmp_path)
    assert len(ledger.read(one).entries) == 1
    secret.make(one)
    assert len(ledger.read(one).entries) == 1


def listed(**changes):
    row = dict.fromkeys(allocation.COLUMNS, "x") | {"last_due": 12, "last_attended": 3}
    return pd.DataFrame([row, row | {"name": "y"} | changes])


def test_the_fingerprint_of_a_list_tells_nothing_of_who_came_unless_it_has_a_key():
    """Whoever knows the rest could try 0 to 12; who is offered something it must tell."""
    plain = allocation.fingerprint(listed())
    assert allocation.fingerprint(listed(last_attended=4)) == plain
    assert allocation.fingerprint(listed(offered="no")) != plain
    key = bytes.fromhex(TEXT)
    drawn = allocation.fingerprint(listed(), key)
    assert drawn not in (plain, allocation.fingerprint(listed(), b"other"))
    assert allocation.fingerprint(listed(last_attended=4), key) != drawn
