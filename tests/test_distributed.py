"""The records room on Spark: the counts of the whole, and a failure without anybody's row."""

import shutil
from pathlib import Path

import leaks
import pytest
from test_batched import assert_same

from engagement import arrivals, cluster, distributed, engines, slices, study, words
from engagement.errors import ReleaseRefused, StudyError, UsageError


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_spark_counts_what_the_whole_counts(spark, opened, room, monkeypatch):
    monkeypatch.setattr(slices, "MEMBERS", 90)
    heard, here, seen = [], Path(spark.conf.get("spark.local.dir")), []

    def look(step):
        heard.append(step)
        paths = [path for path in here.rglob("*") if path.is_file()]
        seen.extend((str(path.relative_to(here)), path.read_bytes()) for path in paths)

    found = distributed.counts(spark, opened, progress=look)
    assert_nobody(seen, opened)
    assert heard == ["clean", "link", "spread", "count"]
    assert_same(found, engines.left(room, opened))


def assert_nobody(seen, opened):
    """Nobody is in the spill, neither in the names of files nor in what they hold."""
    wanted = leaks.identities(opened.folder / "truth")
    held = [name for name, _ in seen if "rdd_" in name]
    assert len(held) > 8 and any("shuffle_" in name for name, _ in seen)
    for name, content in dict(seen).items():
        assert not leaks.among(wanted, name.encode() + b"\n" + content), name


def test_what_spark_spills_is_encrypted_and_its_events_are_not_logged(spark):
    assert spark.conf.get("spark.io.encryption.enabled") == "true"
    assert spark.conf.get("spark.eventLog.enabled") == "false"
    assert spark.conf.get("spark.ui.enabled") == "false"


@pytest.mark.parametrize(
    ("master", "stays"),
    [("local", True), ("local[2]", True), ("spark://localhost:7077", False), ("yarn", False)],
)
def test_whether_records_leave_the_machine(master, stays):
    assert cluster.is_local(master) == stays


ROSTER = """姓名,性别,所在党支部,备注
王芳,女,第一支部,
李强,男,同上,"两行
备注"
赵敏,女,同上,
"""


@pytest.fixture
def plain(opened, tmp_path):
    """A member roster as a plain table: a remark of two lines, and branches "as above"."""
    folder = tmp_path / "plain"
    (folder / "rosters").mkdir(parents=True)
    text = (opened.folder / "study.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[[roster]]")
    own = '[[roster]]\nfile = "members.csv"\nkind = "members"\n\n[headers]'
    rest = rest.partition("[headers]")[2].replace(
        'kind = "list"\nroster = "volunteers"', 'kind = "list"\nroster = "members"'
    )
    (folder / "study.toml").write_text(before + own + rest, encoding="utf-8")
    (folder / "rosters" / "members.csv").write_text(ROSTER, encoding="utf-8")
    return study.load(folder)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_row_reads_what_stands_above_it_in_another_part(spark, plain, monkeypatch):
    monkeypatch.setattr(arrivals, "PART", 1)
    held = arrivals.cleaned(spark, plain, 0)
    rows = held["members"].table.orderBy("row").toArrow().to_pandas()
    assert rows["name"].tolist() == ["王芳", "李强", "赵敏"]
    assert rows["branch"].tolist() == ["b1", "b1", "b1"]


def test_a_part_that_fails_half_way_is_told_without_its_row(spark):
    with pytest.raises(StudyError) as failed, cluster.told(Path("private")):
        spark.range(9).selectExpr("if(id = 5, raise_error('孙丽'), id)").collect()
    problem = failed.value.problems[0]
    assert problem.key == "spark_failed"
    for language in words.LANGUAGES:
        assert "孙" not in words.text(f"problem.{problem.key}", language, **problem.values)
    assert failed.value.__suppress_context__


def test_a_full_disk_of_a_worker_is_told_as_that(spark):
    said = "java.io.IOException: No space left on device"
    with pytest.raises(ReleaseRefused) as failed, cluster.told(Path("private")):
        spark.range(9).selectExpr(f"if(id = 5, raise_error('{said}'), id)").collect()
    assert [problem.key for problem in failed.value.problems] == ["disk_full"]
    assert failed.value.__suppress_context__


def test_without_java_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError) as refused:
        cluster.session(tmp_path)
    problem = refused.value.problems[0]
    assert problem.key == "java_missing"
    assert "openjdk" in words.text(f"problem.{problem.key}", "en")


def test_what_is_above_a_part_is_what_the_parts_before_it_end_with():
    ends = {0: {"a": "x", "b": "y"}, 7: {"a": "\x1f", "b": None}, 9: {"a": "z", "b": "\x1f"}}
    above = arrivals._above(ends)
    assert above == {0: {}, 7: {"a": "x", "b": "y"}, 9: {"a": "x", "b": None}}
