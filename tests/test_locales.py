"""One roster in five places: the order of a date, the decimal mark, the telephone, yes and no."""

import pytest
from drawn import table
from test_profiles import OUTCOME, cleaned, roster, written

# locale: (the roster as it stands there, what is read)
PLACES = {
    "zh-CN": (
        """
        姓名 | 出生日期 | 性别 | 联系电话 | 是否流动党员 | 服务时长
        王芳 | 1956年3月4日 | 女 | 139 1111 0001 | 是 | 1.5小时
        李强 | 1956/3/4 | 男 | 010-62771234 | 否 | 1,200分钟
        """,
        """
        name | birth_date | sex    | phone          | is_mobile | hours
        王芳 | 1956-03-04 | female | +8613911110001 | yes       | 1.5
        李强 | 1956-03-04 | male   | +861062771234  | no        | 20
        """,
    ),
    "zh-TW": (
        """
        姓名 | 出生日期 | 性別 | 行動電話 | 是否志工 | 服務時數
        王芳 | 民國45年3月4日 | 女 | 0912-345-678 | 是 | 1.5小時
        李強 | 075/03/04 | 男 | (02) 2312-3456 | 否 | 半天
        """,
        """
        name | birth_date | sex    | phone         | in_volunteer_corps | hours
        王芳 | 1956-03-04 | female | +886912345678 | yes                | 1.5
        李強 | 1986-03-04 | male   | +886223123456 | no                 | 4
        """,
    ),
    "en-GB": (
        """
        Full name | Date of birth | Sex | Phone | Carer | Hours
        Ann Field | 03/04/1956 | F | 020 7946 0018 | Yes | 1.5
        Bo Lake | 4 March 1956 | M | 07911 123456 | No | 1,200 minutes
        """,
        """
        name      | birth_date | sex    | phone         | caring_duty | hours
        Ann Field | 1956-04-03 | female | +442079460018 | yes         | 1.5
        Bo Lake   | 1956-03-04 | male   | +447911123456 | no          | 20
        """,
    ),
    "en-US": (
        """
        Full name | Date of birth | Sex | Phone | Carer | Hours
        Ann Field | 03/04/1956 | F | (202) 456-1111 | Y | 1.5
        Bo Lake | Mar 4, 1956 | M | 202-456-1414 | N | 2h30
        """,
        """
        name      | birth_date | sex    | phone        | caring_duty | hours
        Ann Field | 1956-03-04 | female | +12024561111 | yes         | 1.5
        Bo Lake   | 1956-03-04 | male   | +12024561414 | no          | 2.5
        """,
    ),
    "de-DE": (
        """
        Full name | Geburtsdatum | Geschlecht | Telefon | Carer | Hours
        Änne Feld | 04.03.1956 | weiblich | 030 901820 | ja | 1,5 Stunden
        Bodo See | 4. März 1956 | männlich | 0151 23456789 | nein | 1.200,5
        """,
        """
        name      | birth_date | sex    | phone          | caring_duty | hours
        Änne Feld | 1956-03-04 | female | +4930901820    | yes         | 1.5
        Bodo See  | 1956-03-04 | male   | +4915123456789 | no          | 1200.5
        """,
    ),
}  # fmt: skip


def profile(locale: str) -> str:
    """German headers are known to the generic registers alone."""
    return "union_register" if locale == "de-DE" else ""


@pytest.mark.parametrize("locale", PLACES)
def test_a_roster_is_read_as_its_place_writes_it(tmp_path, locale):
    drawn, expected = PLACES[locale]
    text = roster("m.csv", "members", profile(locale)) + OUTCOME
    found = cleaned(written(tmp_path, text, locale, m=drawn)).records["members"]
    wanted = table(expected)
    held = found[list(wanted.columns)].astype("str").fillna("-")
    assert held.to_dict("records") == wanted.fillna("-").to_dict("records")


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW"])
def test_a_day_and_a_month_that_may_change_places_are_never_decided(tmp_path, locale):
    """Not even beside a cell that settles its own order: each cell stands for itself."""
    drawn = "姓名 | 出生日期\n王芳 | 3/4/1956\n李强 | 25/4/1956\n赵敏 | 4/4/1956"
    text = roster("m.csv", "members") + OUTCOME
    found = cleaned(written(tmp_path, text, locale, m=drawn))
    assert found.records["members"]["birth_date"].fillna("-").tolist() == [
        "-",
        "1956-04-25",
        "1956-04-04",
    ]
    refused = found.quarantine.set_index("row")
    assert refused.loc[2, ["field", "reason"]].tolist() == ["birth_date", "ambiguous_date"]


@pytest.mark.parametrize(
    ("locale", "other"), [("en-GB", "03/25/1956"), ("de-DE", "03/25/1956"), ("en-US", "25/03/1956")]
)
def test_a_date_in_the_order_of_another_place_is_refused_and_not_turned(tmp_path, locale, other):
    drawn = f"Full name | Date of birth\nAnn Field | {other}"
    text = roster("m.csv", "members") + OUTCOME
    refused = cleaned(written(tmp_path, text, locale, m=drawn)).quarantine
    assert refused["reason"].tolist() == ["impossible_date"]


@pytest.mark.parametrize("hours", ["1,5", "1.5.2"])
def test_a_decimal_mark_of_another_place_is_refused(tmp_path, hours):
    drawn = f"Full name; Hours\nAnn Field; {hours}".replace(";", "|")
    text = roster("m.csv", "volunteers") + OUTCOME
    refused = cleaned(written(tmp_path, text, "en-GB", m=drawn)).quarantine
    assert refused["field"].tolist() == ["hours"]


def test_one_roster_of_a_study_may_be_of_another_place(tmp_path):
    drawn = "Full name | Date of birth\nAnn Field | 03/04/1956"
    text = roster("one.csv", "members") + roster("two.csv", "members", more='locale = "en-US"')
    found = cleaned(written(tmp_path, text + OUTCOME, "en-GB", one=drawn, two=drawn))
    assert found.records["members"]["birth_date"].tolist() == ["1956-04-03", "1956-03-04"]
