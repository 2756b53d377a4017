"""The brief says what findings.json holds, in two languages, and nothing else."""

import json
import re

import pytest
from invented import a_study, tables

from engagement import words
from engagement.errors import ReleaseRefused
from engagement.release import disclosure, document, store
from engagement.release.document import Figure, Finding, Heading, Items, PageBreak, Paragraph, Table


@pytest.fixture(scope="module")
def release():
    return disclosure.control(tables(), a_study())


@pytest.fixture(scope="module")
def told(release):
    return store.findings(release, a_study())


@pytest.fixture(scope="module")
def briefs(told):
    return {language: document.brief(told, language) for language in ("zh", "en")}


def all_tables(brief) -> list[Table]:
    return [
        block.data if isinstance(block, Figure) else block
        for block in brief.blocks
        if isinstance(block, Figure | Table)
    ]


def front(brief) -> list:
    return list(brief.blocks[: brief.blocks.index(PageBreak())])


def test_findings_json_is_the_same_text_each_time_and_reads_back(release, told, tmp_path):
    again = store.findings(disclosure.control(tables(), a_study()), a_study())
    assert store.text(again) == store.text(told)
    (path,) = store.write(release, told, {}, tmp_path)
    assert path.name == "findings.json"
    assert store.read(path) == json.loads(store.text(told))
    assert told["schema"] == "engagement.findings/1"


def test_findings_that_were_changed_are_refused(told):
    changed = json.loads(store.text(told))
    changed["tables"]["members"][0]["members"] += 1
    with pytest.raises(ReleaseRefused):
        document.brief(changed, "en")
    with pytest.raises(ReleaseRefused):
        store.table({**told, "schema": "engagement.findings/9"}, "members")


def test_findings_take_only_a_release():
    with pytest.raises(TypeError):
        store.findings(tables(), a_study())


def test_only_what_comes_from_the_release_is_written(release, told, tmp_path):
    shown = told["release"]["id"][:12]
    with pytest.raises(TypeError):
        store.write(tables()["cells"], told, {}, tmp_path)
    with pytest.raises(TypeError):
        store.write(release, told, {"brief.en.html": "a page of another release"}, tmp_path)
    another = disclosure.control(tables(seed=8), a_study())
    with pytest.raises(TypeError):
        store.write(another, told, {"brief.en.html": shown}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(release, told, tmp_path):
    blocked = tmp_path / "out"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ReleaseRefused) as refusal:
        store.write(release, told, {}, blocked)
    assert refusal.value.problems[0].key == "not_writable"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_shares_are_those_of_the_printed_counts(told):
    for row in told["tables"]["outcomes"]:
        if row["share"] is not None:
            assert row["share"] == pytest.approx(row["attended"] / row["due"])
            assert row["conf_low"] < row["share"] < row["conf_high"]
        else:
            assert row["conf_low"] is None and row["suppressed"]


def test_wilsons_interval_is_that_of_the_published_example():
    """Newcombe (1998), table I, method 3: 81 of 263 gives 0.2553 to 0.3662."""
    low, high = store._wilson({"share": 81 / 263, "members": 263})
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_the_first_page_has_five_parts_and_at_most_three_findings(briefs):
    for brief in briefs.values():
        blocks = front(brief)
        assert sum(isinstance(block, Heading) for block in blocks) == 5
        assert 1 <= sum(isinstance(block, Finding) for block in blocks) <= 3


def test_every_figure_has_its_words_and_its_data(briefs):
    for brief in briefs.values():
        figures = [block for block in brief.blocks if isinstance(block, Figure)]
        assert [block.name for block in figures] == [
            "shares", "contrasts", "members", "completeness"
        ]  # fmt: skip
        for block in figures:
            assert block.data.rows and block.caption in block.alt
            assert all(cell in block.alt for row in block.data.rows for cell in row)


def test_both_languages_carry_the_same_numbers(briefs):
    numbers = {
        language: [
            "".join(char for char in cell if char in "0123456789.−＊–%")
            for table in all_tables(brief)
            for row in table.rows
            for cell, column in zip(row, table.columns, strict=True)
            if column.kind == "number"
        ]
        for language, brief in briefs.items()
    }
    assert numbers["zh"] == numbers["en"] != []


def test_every_suppressed_number_has_one_mark_and_is_never_another(told, briefs):
    mark = words.label("suppressed.mark", "en")
    assert mark == words.label("suppressed.mark", "zh")
    assert mark != words.label("suppressed.missing", "zh")
    outcomes = [row for row in told["tables"]["outcomes"] if row["outcome"] == "attendance"]
    expected = sum(row[m] is None for row in outcomes for m in ("members", "due", "attended"))
    for brief in briefs.values():
        shares = all_tables(brief)[0]
        shown = [cell for row in shares.rows for cell in row[2:5]]
        assert shown.count(mark) == expected
        assert words.label("suppressed.missing", "en") not in shown


def test_hidden_numbers_show_the_mark_in_the_table_and_no_dot_in_the_figure():
    study = a_study(tier="public")
    told = store.findings(disclosure.control(tables(), study), study)
    hidden = [
        row
        for row in told["tables"]["outcomes"]
        if row["outcome"] == "attendance" and row["share"] is None
    ]
    brief = document.brief(told, "zh")
    shares = next(block for block in brief.blocks if isinstance(block, Figure))
    marked = [row for row in shares.data.rows if "＊" in row]
    assert len(marked) >= len(hidden)
    dots = [line for line in shares.drawing.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == len(shares.data.rows) - len(hidden)


def test_no_sentence_blames_or_names_a_cause(briefs):
    never = r"\bonly \d|as low as|\bcauses?\b|because they|lagging|落后|觉悟|导致|仅有"
    for brief in briefs.values():
        texts = [
            text
            for block in brief.blocks
            if isinstance(block, Paragraph | Finding | Items | Heading)
            for text in vars(block).values()
        ]
        assert re.findall(never, " ".join(map(str, texts))) == []


def test_attitudes_are_said_to_be_unobserved(briefs):
    said = {language: str(front(brief)) for language, brief in briefs.items()}
    assert words.label("brief.unknown.attitudes", "zh") in said["zh"]
    assert words.label("brief.unknown.attitudes", "en") in said["en"]
