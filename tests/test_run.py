"""One run of everything on the synthetic community, as a user runs it, and all that must hold then.

The run is made once, in a copy of the committed community, in another time zone and with LANG=C.
"""

import json
import os
import re
import shutil
import stat
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import branch
import openpyxl
import pandas as pd
import pytest
from asked import engagement, program, tree
from leaks import among, canaries, identities, raw, rows
from PIL import Image
from test_html import Cells, browser  # noqa: F401 (a fixture)

from engagement import codebook, commands, engines, files, study
from engagement.release import store

ROOT = Path(__file__).parent.parent
COMMUNITY = ROOT / "data" / "community"
PAGES = {"zh": "brief.zh.html", "en": "brief.en.html"}
FILES = [
    f"brief.{language}.{kind}" for language in ("zh", "en") for kind in ("html", "docx", "pdf")
]
PLANNED = [
    "plan.xlsx", "protocol.json",
    *(f"protocol.{language}.{kind}" for language in ("zh", "en") for kind in ("html", "docx", "pdf")),
]  # fmt: skip
LANGUAGES = list(PAGES)
NOTEBOOKS = ["01_records", "02_linkage", "03_participation", "04_predictors", "05_plan", "06_brief"]


def copied(folder):
    """The community as it is committed: its study, its rosters and its truth."""
    folder.mkdir(parents=True)
    shutil.copyfile(COMMUNITY / "study.toml", folder / "study.toml")
    for part in ("rosters", "truth"):
        shutil.copytree(COMMUNITY / part, folder / part)
    return folder


@pytest.fixture(scope="module")
def community(tmp_path_factory):
    """The folder after `engagement run`."""
    return copied(tmp_path_factory.mktemp("run") / "community")


@pytest.fixture(scope="module")
def run(community):
    """What `engagement run` said in another zone and without a language."""
    return program("run", community, TZ="Pacific/Kiritimati", LANG="C", PYTHONHASHSEED="7")


@pytest.fixture(scope="module")
def out(community, run):
    return tree(community / "out")


@pytest.fixture(scope="module")
def told(out):
    return json.loads(out["findings.json"])


# ---------------------------------------------------------------- before anything has been run


def test_verify_before_any_run_is_a_usage_error(tmp_path):
    answer = engagement("verify", copied(tmp_path / "community"))
    assert answer.code == 2
    assert "engagement run" in answer.err and "community" in answer.err


# ---------------------------------------------------------------- what is written


def test_a_run_ends_well_and_says_where_the_pages_lie(community, run):
    assert (run.code, run.err) == (0, "")
    said = [Path(line.rpartition("：")[2]).name for line in run.out.strip().splitlines()]
    assert said == [*FILES, *PLANNED[:2]]


def test_out_holds_the_briefs_the_plan_the_protocol_their_numbers_and_nothing_else(out):
    assert set(out) == {*FILES, *PLANNED, "findings.json"}
    assert all(len(out[name]) <= 600_000 for name in FILES)


COLUMNS = {
    "audit_cells.csv": "source_file, sheet, row, header, field, raw, value, precision, rule, confidence, status",
    "structure.csv": "source_file, sheet, row, verdict",
    "links.csv": "left_file, left_sheet, left_row, right_file, right_sheet, right_row, probability, decision, reason",
    "findings.csv": "outcome, term, contrast, estimand, estimate, std_error, conf_low, conf_high, p_value, members, events, method, verdict",
    "quarantine.csv": "source_file, sheet, row, header, field, raw, reason",
    "audit_values.csv": "field, raw, value, rule, confidence, status, cells, first_file, first_sheet, first_row",
}
KINDS = ("members", "volunteers", "sign_ins", "mobile", "minutes")
WORDS = {
    ("audit_cells.csv", "status"): {"clean", "quarantined", "flagged", "structural"},
    ("audit_cells.csv", "precision"): {"", "year", "month", "day"},
    ("structure.csv", "verdict"): {"data", "title", "header", "totals", "signature", "note", "blank", "repeat-header"},
    ("links.csv", "decision"): {"link", "review", "no"},
}  # fmt: skip


def private(community, name):
    return pd.read_csv(
        community / "private" / name, dtype="str", keep_default_na=False, encoding="utf-8-sig"
    )


def test_the_private_folder_holds_what_the_design_names(community, run):
    held = {name for name in tree(community / "private") if not name.startswith("allocation-")}
    assert len(list((community / "private").glob("allocation-*.csv"))) == 1
    assert held == {
        *COLUMNS,
        *(f"records/{kind}.csv" for kind in KINDS),
        *(f"notebooks/{name}.ipynb" for name in NOTEBOOKS),
        *("audit_values_masked.csv", "manifest.csv", "turnout.csv", "evidence.csv"),
        *("fix.xlsx", "review.xlsx", "declare.toml", "ledger.jsonl", ".lock"),
    }


@pytest.mark.parametrize("name", COLUMNS)
def test_a_private_table_has_the_columns_that_are_declared(community, run, name):
    table = private(community, name)
    assert list(table.columns) == COLUMNS[name].split(", ")
    assert len(table)


@pytest.mark.parametrize(("name", "column"), WORDS)
def test_a_private_table_uses_the_words_that_are_declared(community, run, name, column):
    assert set(private(community, name)[column]) <= WORDS[name, column]


def test_every_row_and_every_filled_cell_of_every_file_is_in_the_audit(community, run):
    """Counted in the raw files by another reader."""
    book = openpyxl.load_workbook(community / "rosters" / "党员花名册.xlsx", read_only=True)
    filled = Counter(
        (sheet.title, number)
        for sheet in book
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
        for cell in cells
        if cell is not None and str(cell).strip()
    )
    audit = private(community, "audit_cells.csv").query("source_file == '党员花名册.xlsx'")
    assert Counter(zip(audit["sheet"], audit["row"].astype(int), strict=True)) == filled


@pytest.mark.parametrize("name", ["fix.xlsx", "review.xlsx"])
def test_the_workbooks_for_people_open_and_hold_rows(community, run, name):
    book = openpyxl.load_workbook(community / "private" / name)
    assert book.worksheets[0].max_row > 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode")
def test_the_private_folder_is_its_owners_alone(community, run):
    assert stat.S_IMODE((community / "private").stat().st_mode) == 0o700


def test_the_rosters_are_left_as_they_were(community, run):
    assert tree(community / "rosters") == tree(COMMUNITY / "rosters")


def test_the_notebooks_say_what_the_repositorys_own_say(community, run):
    """Two folders, two zones: outputs alike to the letter, but for the pixels of pictures."""

    def outputs(path):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        return [{kind: text for kind, text in one.items() if kind != "image/png"} for one in data]

    for name in NOTEBOOKS:
        stored = outputs(ROOT / "notebooks" / f"{name}.ipynb")
        assert outputs(community / "private" / "notebooks" / f"{name}.ipynb") == stored, name


def test_the_pictures_of_the_readme_are_of_the_present_release(told):
    """`make face` draws them anew."""
    for name in ("brief.zh.png", "brief.en.png", "figure.png"):
        with Image.open(ROOT / "docs" / name) as picture:
            assert picture.text == {"release": told["release"]["id"]}, name


# ---------------------------------------------------------------- nobody can be found in it


def test_the_scan_finds_every_canary_in_the_raw_rosters():
    """The positive control: what is found nowhere else is certainly there."""
    texts = canaries(COMMUNITY / "truth")
    files = [path for path in (COMMUNITY / "rosters").rglob("*") if path.is_file()]
    assert len(texts) >= 45
    assert set().union(*(among(texts, raw(path)) for path in files)) == texts


def test_the_scan_sees_through_the_spellings_of_json_and_html():
    escaped = json.dumps("亓官骢羽").encode()
    entities = "".join(f"&#{ord(sign)};" for sign in "亓官骢羽").encode()
    assert [among({"亓官骢羽"}, source) for source in (escaped, entities)] == [{"亓官骢羽"}] * 2


def test_no_identity_stands_in_what_may_leave_or_in_what_is_shown(community, run):
    texts = identities(COMMUNITY / "truth")
    assert len(texts) > 500
    shown = {
        **{f"out/{name}": source for name, source in tree(community / "out").items()},
        **tree(community / "private" / "notebooks"),
        **{path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")},
        "the screen": run.said.encode(),
        "names of files": "\n".join(tree(community / "out")).encode(),
    }
    assert len(shown) >= 3 + 6 + 2
    assert {
        name: among(texts, source) for name, source in shown.items() if among(texts, source)
    } == {}


def test_no_file_that_may_leave_names_the_machine_or_the_moment(community, out):
    for name, source in out.items():
        assert str(community).encode() not in source, name
        assert not re.search(rb"\d{4}-\d\d-\d\dT\d\d|\d\d:\d\d:\d\d", source), name


# ---------------------------------------------------------------- the numbers


class Prose(HTMLParser):
    """The texts of paragraphs, items and cells, without styles and drawings."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.closed = [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.closed += tag in ("style", "svg", "title")
        if tag in ("p", "li", "td", "th", "h1", "h2", "caption", "figcaption"):
            self.texts.append("")

    def handle_endtag(self, tag):
        self.closed -= tag in ("style", "svg", "title")

    def handle_data(self, text):
        if not self.closed and self.texts:
            self.texts[-1] += text


NAMES = re.compile(
    r"\d{4}年\d{1,2}月(\d{1,2}日)?|Branch \d|(\d{1,2}[ \xa0])?"
    r"(January|February|March|April|May|June|July|August|September|October|November|December)[ \xa0]\d{4}"
)
NUMBER = re.compile(r"(?<![0-9a-fA-F])[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?![0-9a-f])")


def numbers(page):
    """How often each number stands in a page, dates, names and the numbers of headings left out."""
    texts = [text for text in Prose(page).texts if not re.match(r"\s*\d+\.\s", text)]
    return Counter(NUMBER.findall(NAMES.sub(" ", "\n".join(texts))))


def test_both_pages_show_the_same_numbers(out):
    """Sentences may say a number twice in one language; a number of its own none may have."""
    chinese, english = (set(numbers(out[name].decode())) for name in PAGES.values())
    assert len(chinese) > 60
    assert chinese ^ english == set()


def test_the_tables_of_both_pages_hold_the_same_numbers(out):
    chinese, english = (
        [Counter(NUMBER.findall(NAMES.sub(" ", "\n".join(table)))) for table in Cells(page).tables]
        for page in (out[name].decode() for name in PAGES.values())
    )
    assert len(chinese) >= 6 and sum(map(Counter.total, chinese)) > 150
    assert chinese == english


def values(node):
    """Every number in a tree of JSON; texts are asked for theirs, and hashes for none."""
    if isinstance(node, dict | list):
        parts = node.values() if isinstance(node, dict) else node
        return {number for part in parts for number in values(part)}
    if isinstance(node, bool) or node is None or re.fullmatch("[0-9a-f]{64}", str(node)):
        return set()
    return {abs(node)} if isinstance(node, int | float) else set(map(float, NUMBER.findall(node)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_page_stands_in_findings_json(out, told, language):
    """As it is, or as a share of a hundred, rounded as it is printed."""
    printed = {
        f"{number:.{digits}f}"
        for value in values(told)
        for number in (value, 100 * value)
        for digits in (0, 1, 2)
    }
    shown = {text.replace(",", "") for text in numbers(out[PAGES[language]].decode())}
    assert shown - printed - {"95", "100"} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_counts_in_the_table_of_shares_are_those_of_findings_json(out, told, language):
    own = [row for row in told["tables"]["outcomes"] if row["outcome"] == told["study"]["primary"]]
    expected = Counter(
        str(row[measure]) for row in own for measure in ("members", "due", "attended")
        if row[measure] is not None and row["factor"] != "branch"
    )  # fmt: skip
    tables = [
        Counter(filter(str.isdigit, table)) for table in Cells(out[PAGES[language]].decode()).tables
    ]
    assert expected in tables


def test_the_totals_of_attendance_are_those_counted_by_hand_from_the_truth(community, run):
    """Slots that were due, recorded and readable; what nobody can read is in neither count."""
    readable = pd.DataFrame(
        row
        for row in rows(COMMUNITY / "truth" / "participation.csv")
        if row["due"] == "yes" and row["recorded"] == "yes" and row["reading"] in ("yes", "no")
    )
    sex = {row["person_id"]: row["sex"] for row in rows(COMMUNITY / "truth" / "people.csv")}
    readable = readable.assign(
        sex=readable["person_id"].map(sex), came=readable["reading"] == "yes"
    )
    found = pd.read_csv(community / "private" / "findings.csv")
    found = found[(found["outcome"] == "attendance") & (found["estimand"] == "prevalence")]
    for term, level, mine in [
        ("", "", readable),
        *(("sex", name, part) for name, part in readable.groupby("sex")),
    ]:
        row = found[(found["term"].fillna("") == term) & (found["contrast"].fillna("") == level)]
        assert row["events"].item() == mine["came"].sum()
        assert row["members"].item() == mine["person_id"].nunique()
        assert row["estimate"].item() == pytest.approx(mine["came"].mean(), abs=1e-12)


def test_no_count_below_the_tiers_threshold_leaves(told):
    threshold = codebook.tiers()["committee"]["threshold"]
    counts = [
        row[name]
        for row in [*told["tables"]["outcomes"], *told["tables"]["members"]]
        for name in ("members", "attended")
        if row.get(name) is not None
    ]
    assert len(counts) > 30 and min(counts) >= threshold


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_shows_the_page_without_a_request_or_an_error(browser, community, run, language):  # noqa: F811
    tab = browser.new_page()
    errors, requests = [], []
    tab.on("console", lambda message: errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto((community / "out" / PAGES[language]).as_uri())
    tab.evaluate("document.fonts.ready.then(() => true)")
    drawn = tab.evaluate(
        "[...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect().height)"
    )
    tab.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert len(drawn) >= 3 and min(drawn) > 50


# ---------------------------------------------------------------- the same again


def test_the_release_in_another_folder_and_zone_has_the_same_bytes(tmp_path, out):
    """The run was in Kiritimati with LANG=C; this one is here, in a folder of another name."""
    opened = study.load(copied(tmp_path / "elsewhere" / "研究"))
    files.private(opened.private)
    records = engines.records(opened)
    ready = commands.outgoing(records, engines.counts(records, opened), opened)
    store.write(ready.release, ready.told, {**ready.briefs, **ready.plans}, opened.out)
    assert tree(opened.out) == out


def test_the_year_after_is_judged_by_the_protocol_of_this_run(community, run, tmp_path):
    """Half of the members were invited by lot, and came more often by twelve points."""
    folder = tmp_path / "second"
    after = community / "out" / "protocol.json"
    assert engagement("sample", folder, "--year", 2, "--after", after).code == 0
    opened = study.load(folder)
    records = engines.records(opened)
    ready = commands.outgoing(records, engines.counts(records, opened), opened)
    (row,) = ready.told["tables"]["evaluation"]
    assert row["conf_low"] <= 0.12 <= row["conf_high"] and row["verdict"] == "helped"
    page = ready.briefs["brief.en.html"].decode()
    assert "Verdict: helped" in page and "protocol is registered as" in page


def kept(community, folder, *names):
    """The folder of the run with the executed notebooks `names` only."""
    shutil.copytree(community, folder)
    for path in (folder / "private" / "notebooks").glob("*.ipynb"):
        if path.stem not in names:
            path.unlink()
    return folder


def test_verify_says_that_nothing_has_moved_and_changes_nothing(community, run, tmp_path):
    folder = kept(community, tmp_path / "community", "01_records", "05_plan", "06_brief")
    before = tree(folder)
    answer = engagement("verify", folder)
    assert (answer.code, answer.err) == (0, "")
    assert "3 个笔记本的输出没有变化" in answer.out
    assert tree(folder) == before


def test_verify_names_the_notebooks_that_one_changed_cell_moves(community, run, tmp_path):
    """A level of schooling is not looked at by the plan, and is by the comparison of factors."""
    folder = kept(community, tmp_path / "community", "04_predictors", "05_plan")
    change_schooling(folder / "rosters" / "党员花名册.xlsx")
    answer = engagement("verify", folder)
    assert answer.code == 1 and answer.err == ""
    assert "04_predictors.ipynb" in answer.out and "05_plan" not in answer.out


def change_schooling(path):
    """One member is said to have been to college instead of junior secondary school."""
    book = openpyxl.load_workbook(path)
    sheet = book["第一支部"]
    cells = {cell.value: cell.column for row in sheet.iter_rows(max_row=5) for cell in row}
    column = cells["学历"]
    found = next(row for row in range(4, 40) if sheet.cell(row, column).value == "初中")
    sheet.cell(found, column).value = "大专"
    book.save(path)


# ---------------------------------------------------------------- the other commands


def test_cells_are_written_as_counts_without_an_identity_column(tmp_path):
    folder = copied(tmp_path / "community")
    answer = engagement("cells", folder)
    assert (answer.code, answer.err) == (0, "")
    cells = pd.read_parquet(folder / "private" / "cells.parquet")
    fields = codebook.fields()
    assert [name for name in cells if name in fields and fields[name].use & {"ID", "X"}] == []
    assert "member_id" not in cells and cells["members"].min() >= 1
    kept = among(identities(folder / "truth"), cells.to_json(force_ascii=False).encode())
    assert kept == set()
    assert set(tree(folder / "private")) == {"cells.parquet", ".lock"}


def test_a_run_on_a_cells_file_says_what_a_run_on_the_rosters_says(tmp_path):
    union = study.load(branch.study(tmp_path / "union"))
    room = engines.records(union)
    told = commands.outgoing(room, engines.counts(room, union), union).told
    folder = union.folder
    assert engagement("cells", folder, "--engine", "batches").code == 0
    path = tmp_path / "union.parquet"
    (folder / "private" / "cells.parquet").replace(path)
    (folder / "rosters" / "members.csv").write_text("nothing,to,read\n")
    answer = engagement("run", folder, "--cells", path)
    assert (answer.code, answer.err) == (0, "")
    written = json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))
    assert written["release"] == json.loads(json.dumps(told["release"]))
    assert written["tables"] == json.loads(json.dumps(told["tables"]))
    assert {path.name for path in (folder / "private").iterdir()} == {
        *("findings.csv", "notebooks", "ledger.jsonl", ".lock"),
    }


def test_a_second_run_on_other_records_says_what_changed_and_stays_as_it_is(tmp_path):
    """Of the union branch a year later, twelve more have come to the meeting."""
    folder = branch.study(tmp_path / "union")
    assert engagement("run", folder).code == 0
    later = branch.members()
    for row in later[:12]:
        row["Came to the meeting"] = "yes"
    (folder / "rosters" / "members.csv").write_bytes(branch.written(later))
    assert engagement("run", folder).code == 0
    findings = json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))
    assert findings["changes"]["number"] == 1 and findings["changes"]["shares"] >= 1
    for language, said in (("en", "Against release 1"), ("zh", "与第1次发布")):
        page = (folder / "out" / f"brief.{language}.html").read_text(encoding="utf-8")
        assert said in page.replace("\N{NO-BREAK SPACE}", " ")
    answer = engagement("verify", folder)
    assert (answer.code, answer.err) == (0, "")


def test_check_reads_another_community(tmp_path):
    assert engagement("sample", tmp_path / "five", "--seed", "5").code == 0
    answer = engagement("check", tmp_path / "five")
    assert (answer.code, answer.err) == (0, "")
    assert "成员 173 名" in answer.out
    assert among(identities(tmp_path / "five" / "truth"), answer.said.encode()) == set()
    assert "findings.csv" not in tree(tmp_path / "five" / "private")
    assert not (tmp_path / "five" / "out").exists()
