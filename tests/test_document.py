"""The brief says what findings.json holds, in two languages, and nothing else."""

import itertools
import json
import re

import pytest
from invented import UNITS, a_study, a_survey, tables

from engagement import notebook, words
from engagement.errors import ReleaseRefused
from engagement.release import (
    changes,
    claims,
    disclosure,
    document,
    numbering,
    statements,
    store,
    totals,
)
from engagement.release.document import Figure, Finding, Heading, Items, PageBreak, Paragraph, Table
from engagement.release.phrases import Phrases


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


def counts(brief) -> list[str]:
    """What stands under people, due and attended, in the tables by factor and by branch."""
    heads = {
        words.label(f"table.shares.{name}", brief.language)
        for name in ("members", "due", "attended")
    }
    return [
        cell
        for table in all_tables(brief)
        for row in table.rows
        for cell, column in zip(row, table.columns, strict=True)
        if column.label in heads and len(heads & {c.label for c in table.columns}) == 3
    ]


def said(brief) -> str:
    """All sentences of a brief that are no table."""
    texts = [
        text
        for block in brief.blocks
        if isinstance(block, Paragraph | Finding | Items | Heading)
        for text in vars(block).values()
    ]
    return " ".join(map(str, texts))


def front(brief) -> list:
    return list(itertools.takewhile(lambda block: not isinstance(block, PageBreak), brief.blocks))


def test_findings_json_is_the_same_text_each_time_and_reads_back(release, told, tmp_path):
    again = store.findings(disclosure.control(tables(), a_study()), a_study())
    assert store.text(again) == store.text(told)
    (path,) = store.write(release, told, {}, tmp_path)
    assert path.name == "findings.json"
    assert store.read(path) == json.loads(store.text(told))
    assert told["schema"] == "engagement.findings/1"


CLAIMED = [
    {"place": "share|attendance|sex|female", "printed": 0.01, "low": 0.0, "high": 0.02},
    {"place": "share|attendance|sex|male", "printed": 0.99, "low": 0.98, "high": 1.0},
]


def test_both_languages_say_the_same_numbers_of_what_changed(release):
    """A month is a number in Chinese and a word in English."""
    last = {"number": 2, "reference_date": "2021-11-30", "claims": CLAIMED}
    study = a_study()
    since = changes.since(last, claims.told(release, study)["claims"])
    found = notebook.numbers(study, store.findings(release, study, since=since))
    assert len(found) == 2 and len({tuple(numbers) for numbers in found.values()}) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_brief_says_what_changed_since_the_last_release_and_nothing_before_there_is_one(
    release, told, language
):
    last = {"number": 2, "reference_date": "2022-06-30", "claims": CLAIMED}
    study = a_study()
    since = changes.since(last, claims.told(release, study)["claims"])
    assert since["shares"] == 2 and since["moved"] == 2
    again = store.findings(release, study, since=since)
    heading = words.text("brief.heading.changes", language)
    for findings, there in ((told, False), (again, True)):
        brief = document.brief(findings, language)
        assert any(getattr(b, "text", "") == heading for b in brief.blocks) == there
    said = document.text(brief)
    assert all(line in said for line in changes.said(since, Phrases(again, language)))
    assert "1%" in said and "99%" in said
    assert not any(getattr(block, "text", "") == heading for block in front(brief))


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
    shown = told["release"]["id"][:12].encode()
    with pytest.raises(TypeError):
        store.write(tables()["cells"], told, {}, tmp_path)
    with pytest.raises(TypeError):
        store.write(release, told, {"brief.en.html": b"a page of another release"}, tmp_path)
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


def test_the_first_page_has_six_parts_and_at_most_three_findings(briefs):
    for brief in briefs.values():
        blocks = front(brief)
        assert sum(isinstance(block, Heading) for block in blocks) == 6
        assert 1 <= sum(isinstance(block, Finding) for block in blocks) <= 3


def test_every_figure_says_what_stands_out_and_where_its_numbers_are(told, briefs):
    for brief in briefs.values():
        figures = [block for block in brief.blocks if isinstance(block, Figure)]
        assert [block.name for block in figures] == [
            "shares",
            "contrasts",
            "completeness",
            "calendar",
        ]
        for block in figures:
            assert block.data.rows and block.caption in block.alt
            assert len(block.alt) < 500
            cells = " ".join(cell for row in block.data.rows for cell in row)
            seen = block.alt.removeprefix(block.caption)
            of_all = told["numbers"]["comparisons"]
            known = cells + f" {of_all['asked']} {of_all['unsure']} {len(block.data.rows)}"
            assert set(re.findall(r"\d+", seen)) <= set(re.findall(r"\d+", known))


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
        shown = counts(brief)
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
        assert re.findall(never, said(brief)) == []


def test_attitudes_are_said_to_be_unobserved(briefs):
    for language, brief in briefs.items():
        assert words.label("brief.unknown.attitudes", language) in str(front(brief))


def lines(blocks) -> list[str]:
    return [line for block in blocks if isinstance(block, Items) for line in block.items]


def test_the_first_page_answers_what_has_been_said_with_its_numbers(briefs):
    """The invented share is 0.44, give or take 0.08; the other statement is an attitude."""
    assert "“Most members are old”: does not agree with the records (about 44%, 95% interval 36% to 52%)." in lines(front(briefs["en"]))  # fmt: skip
    assert "“到会少，是因为大多数党员年龄大”：与记录不符（约44%，95%区间36%至52%）。" in lines(front(briefs["zh"]))  # fmt: skip
    assert "“年轻党员意识不强”：记录中看不到。" in lines(front(briefs["zh"]))


def test_a_share_of_everybody_is_told_by_its_count_and_a_contrast_by_its_sides(told):
    counted = {"kind": "share", "text": {"en": "Most are old.", "zh": "多数年龄大"}, "members": 152,
               "events": 47, "estimate": 47 / 152, "conf_low": 47 / 152, "conf_high": 47 / 152,
               "verdict": "does_not_hold"}  # fmt: skip
    younger = {"kind": "contrast", "text": {"en": "The young come less.", "zh": "年轻的来得少"},
               "outcome": "attendance", "factor": "sex", "levels": [["female"], ["male"]],
               "estimate": -0.16, "conf_low": -0.33, "conf_high": 0.02, "members": None,
               "events": None, "verdict": "cannot_be_told"}  # fmt: skip
    people = {row["level"]: row["members"] for row in told["tables"]["members"] if row["factor"] == "sex"}  # fmt: skip
    shown = lines(statements.lines(Phrases({**told, "claims": [counted, younger]}, "en")))
    assert shown == [
        "“Most are old”: does not agree with the records (47 of 152, 31%).",
        "“The young come less”: cannot be told (16 points lower, 95% interval 33 lower to 2 higher; "
        f"n = {people['female']} and {people['male']}).",
    ]


def test_a_difference_and_its_interval_say_which_side_is_lower(told):
    english, chinese = Phrases(told, "en"), Phrases(told, "zh")
    assert english.gap(-0.25) == "25 points lower" and chinese.gap(0.04) == "高4个百分点"
    assert english.spread(-0.41, -0.07) == "7 to 41 lower"
    assert english.spread(-0.33, 0.02) == "33 lower to 2 higher"
    assert english.spread(0.03, 0.17) == "3 to 17 higher"
    assert chinese.spread(-0.33, 0.02) == "低33至高2"


def test_units_are_a_table_without_an_order_and_in_no_figure(briefs):
    for brief in briefs.values():
        label = words.label("brief.factor.branch", brief.language)
        (units,) = [table for table in all_tables(brief) if table.columns[0].label == label]
        names = [row[0] for row in units.rows]
        assert names == [getattr(unit, brief.language) for unit in UNITS]
        drawn = [block.alt for block in brief.blocks if isinstance(block, Figure)]
        assert not any(name in alt for name in names for alt in drawn)


def test_a_survey_is_told_without_sessions_branches_or_members():
    study, found = a_survey()
    told = store.findings(disclosure.control(found, study), study)
    never = {
        "zh": r"党|支部|到会|应到|台账|制度|名单|活动|计划的",
        "en": r"[Mm]ember|attend|session|calendar|[Bb]ranch|committee|Party|sign-in",
    }
    for language, pattern in never.items():
        brief = document.brief(told, language)
        cells = [cell for table in all_tables(brief) for row in table.rows for cell in row]
        heads = [column.label for table in all_tables(brief) for column in table.columns]
        captions = [block.caption for block in brief.blocks if isinstance(block, Figure)]
        text = " ".join([said(brief), brief.facts, *cells, *heads, *captions])
        assert re.findall(pattern, text) == []
        assert words.label("brief.proposed.undeclared", language) in text


# ---------------------------------------------------------------- numbers that follow


def session(duty, branch, expected, recorded):
    return {"test": "sessions", "duty_type": duty, "branch": branch, "expected": expected,
            "recorded": recorded, "suppressed": False, "share": None, "verdict": ""}  # fmt: skip


def test_sessions_are_summed_by_duty_and_a_surplus_fills_no_gap():
    rows = [session("meeting", "b1", 12, 13), session("meeting", "b2", 12, 9), session("lesson", "b1", 4, 0), session("lesson", "b2", 4, None)]  # fmt: skip
    found = totals._sessions(rows)
    assert (found["expected"], found["recorded"], found["lacking"]) == (32, 22, 11)
    assert [(row["duty_type"], row["lacking"]) for row in found["by_duty"]] == [("meeting", 3), ("lesson", 8)]  # fmt: skip
    assert [(row["duty_type"], row["branch"], row["lacking"]) for row in found["missing"]] == [
        ("meeting", "b2", 3), ("lesson", None, 8)
    ]  # fmt: skip


def test_comparisons_are_counted_by_what_became_of_them():
    def gap(verdict, released, detectable, outcome="attendance", term="sex"):
        low = -0.1 if released else None
        return {"outcome": outcome, "estimand": "risk_difference", "term": term, "verdict": verdict,
                "released": released, "conf_low": low, "detectable": detectable}  # fmt: skip

    rows = [
        gap("clear", True, 0.12), gap("cannot_be_told", True, 0.2), gap("not_released", False, None),
        gap("clear", True, 0.01, outcome="volunteering"), gap("clear", True, 0.01, term="a claim"),
    ]  # fmt: skip
    assert totals._comparisons(rows, a_study()) == {
        "asked": 3, "unsure": 1, "refused": 1, "told": 1,
        "detectable_low": 0.12, "detectable_high": 0.2,
    }  # fmt: skip


def test_hours_that_are_not_shown_are_in_no_sum():
    rows = [{"segment": "", "hours": 30.0}, {"segment": "", "hours": 15.0}, {"segment": "young", "hours": None}]  # fmt: skip
    assert totals._hours(rows) == {"known": 45.0, "first": 45.0, "by_segment": {"": 45.0, "young": None}}  # fmt: skip


def test_shares_of_the_members_are_of_those_counted_and_of_none_that_is_hidden():
    rows = [
        {"factor": "", "level": "", "members": 152, "suppressed": False},
        {"factor": "sex", "level": "male", "members": 98, "suppressed": False},
        {"factor": "sex", "level": "female", "members": None, "suppressed": True},
    ]
    assert [row["share"] for row in totals._members(rows)] == [1.0, 98 / 152, None]


# ---------------------------------------------------------------- the draft


def drafted(brief) -> list:
    (place,) = [
        place for place, block in enumerate(brief.blocks)
        if isinstance(block, Heading) and block.text == words.label("brief.heading.draft", brief.language)
    ]  # fmt: skip
    return list(brief.blocks[place:])


def test_the_draft_has_the_four_parts_of_a_work_report_and_a_place_to_sign(briefs):
    parts = [block.text for block in drafted(briefs["zh"]) if isinstance(block, Heading)]
    assert parts[1:] == ["基本情况", "主要做法", "存在问题", "对策建议"]
    for brief in briefs.values():
        last = drafted(brief)[-1]
        assert last.tone == "signed" and brief.organisation in last.text


def test_the_draft_says_no_reason_and_leaves_brackets_for_people(briefs):
    for language, brief in briefs.items():
        text = " ".join(
            " ".join(block.items) if isinstance(block, Items) else str(getattr(block, "text", ""))
            for block in drafted(brief)
        )
        assert words.label("brief.draft.add_work", language) in text
        assert {"zh": "原因有待核实", "en": "reasons are still to be found"}[language] in text


def test_the_draft_counts_the_members_by_the_factors_asked_about(told, briefs):
    """The counts of this tier are rounded, so the parts are told as about so many, without shares."""
    people = {row["level"]: row["members"] for row in told["tables"]["members"] if row["factor"] == "sex"}  # fmt: skip
    texts = [block.text for block in drafted(briefs["zh"]) if isinstance(block, Paragraph)]
    expected = f"按性别分，男约{people['male']}人，女约{people['female']}人。"
    assert any(expected in text for text in texts)


def test_the_plan_and_the_records_to_fix_stand_before_the_appendix(briefs):
    for language, brief in briefs.items():
        (appendix,) = [
            block for block in brief.blocks if isinstance(block, PageBreak) and block.title
        ]
        before = brief.blocks[: brief.blocks.index(appendix)]
        heads = [block.text for block in before if isinstance(block, Heading)]
        assert heads[-2:] == [
            words.label(f"brief.heading.{name}", language) for name in ("plan", "fix")
        ]


def test_every_section_bears_a_number_of_its_own(briefs):
    for brief in briefs.values():
        heads = [
            block.text for block in numbering.numbered(brief).blocks
            if isinstance(block, Heading) and block.level == 2
        ]  # fmt: skip
        marks = [re.match(r"[一二三四五六七八九十]+(?=、)|\d+(?=\. )", head) for head in heads]
        assert None not in marks and len({mark.group() for mark in marks}) == len(heads) > 12
