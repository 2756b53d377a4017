"""The member roster, the volunteer list and the register of the absent, as their offices keep them.

Enters: members, sign-ups and a generator of chance.
Leaves: cells, one row per cell of a file (layout.COLUMNS), and how sheets are decorated.
Refuses: nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from engagement.sample import dirt, layout, parts, settings, units


def members(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Cells of the member roster: one sheet per branch, and a sheet of notes."""
    office = settings.table("office")["members"]
    listed = _listed(people)
    headers = {column["field"]: column["header"] for column in office["column"]}
    cells = layout.body(columns("members", headers, listed, rng), headers, listed["person_id"])
    branches = sorted(listed["on_sheet"].unique(), key=lambda code: int(code[1:]))
    total = int((people["member"] == "yes").sum())
    sheets = [
        _branch(
            cells[cells["order"].isin(np.flatnonzero(listed["on_sheet"] == code))],
            code,
            people,
            total if code == branches[-1] else None,
        )
        for code in branches
    ]
    lines = layout.lines(
        [
            (row, "note", [text.format(count=total)])
            for row, text in enumerate(office["notes"], start=1)
        ]
    )
    sheets.append(lines.assign(source_file=office["file"], sheet=office["notes_sheet"]))
    return pd.concat(sheets, ignore_index=True).reindex(columns=layout.COLUMNS).fillna("")


def _listed(people: pd.DataFrame) -> pd.DataFrame:
    """The rows of the roster in order: who moved stands in the old branch as well."""
    moved = people[people["listed_also"] != ""]
    remark = settings.table("office")["remarks"]["moved_out"]
    first = people.drop_duplicates("branch").set_index("branch")
    again = moved.assign(
        branch=moved["listed_also"],
        group=moved["listed_also"].map(first["group"]),
        group_no=1,
        remark=[remark.format(branch=units.name("branch", no)) for no in moved["branch_no"]],
    )
    listed = pd.concat([people, again], ignore_index=True)
    listed["on_sheet"] = listed["branch"]
    listed["branch_no"] = listed["branch"].str[1:].astype(int)
    listed = listed.sort_values(["branch_no", "group_no"], kind="stable", ignore_index=True)
    return listed.assign(text_no=(listed.groupby("branch").cumcount() + 1).astype("str"))


def columns(
    kind: str,
    fields: Iterable[str],
    people: pd.DataFrame,
    rng: np.random.Generator,
    *,
    plain_digits: bool = False,
) -> dict[str, pd.DataFrame]:
    """Each field of a roster as written, one row per person; large communities count units in
    digits."""
    forms = settings.table("dirt")[kind]
    if plain_digits:
        forms = {name: _as_text(listed) for name, listed in forms.items()}
    written = {}
    for field in sorted(fields, key=lambda field: field != "id_number"):
        if field in ("branch", "group"):
            made = units_parts(field, people, rng, plain_digits)
        else:
            made = _guarded(field, people, _of_field(field, people, rng))
        if "id_number" in written:
            made["id_readable"] = written["id_number"]["value"].str.len() == 18
        written[field] = dirt.written(forms[field], made, rng)
    return {field: written[field] for field in fields}


def _as_text(forms: dict[str, dict]) -> dict[str, dict]:
    """The forms that a plain text file can hold."""
    return {name: form for name, form in forms.items() if not form.get("workbook")}


def _guarded(field: str, people: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """The identities of canaries are written plainly, so that their texts are found."""
    if "canary" not in people or field not in ("name", "phone", "id_number", "address"):
        return made
    return made.assign(plain=(people["canary"] != "") & ~made.get("has_dot", False))


def _of_field(field: str, people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    if field == "row_no":
        return parts.texts(people["text_no"])
    if field in ("address", "remark", "mobile_to_place"):
        return parts.texts(people[field])
    if field == "name":
        return parts.names(people)
    if field in ("birth_date", "join_date", "mobile_from", "mobile_to"):
        return parts.dates(people[field])
    if field == "id_number":
        return parts.ids(people[field])
    if field == "phone":
        return parts.phones(people[field], people["birth_date"].dt.year, rng)
    if field == "hours":
        return pd.DataFrame({"hours": people[field], "minutes": people[field] * 60}).astype("str")
    return _coded(field, people, rng)


def _coded(field: str, people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    office = settings.table("office")
    written = office["written"].get(field)
    if field == "origin_village":
        written = {code: names[:2] for code, names in office["villages"].items()}
    made = parts.words(people[field], written, rng)
    if field == "sex":
        made["other_code"] = made["code"].map({"male": "female", "female": "male"})
        made["other_word"] = made["other_code"].map({code: w[0] for code, w in written.items()})
    if field == "origin_village" and "on_sheet" in people:
        above = (people[field] == people[field].shift()) & (
            people["on_sheet"] == people["on_sheet"].shift()
        )
        made["same_as_above"] = above
    made["fully_able"] = made["mobile"] = made["not_mobile"] = False
    if field == "activity_ability":
        made["fully_able"] = people[field] == "full"
    if field == "is_mobile":
        made["mobile"], made["not_mobile"] = people[field] == "yes", people[field] == "no"
    return made


def units_parts(
    field: str, people: pd.DataFrame, rng: np.random.Generator, plain_digits: bool = False
) -> pd.DataFrame:
    """Parts of the names of units: code, the usual word, another word."""
    place, numbers = pd.factorize(people[f"{field}_no"])
    known = np.array([units.aliases(field, no, plain_digits) for no in numbers], dtype=object)
    alias = known[place, rng.integers(0, known.shape[1], len(people))]
    words = units.names(field, people[f"{field}_no"], plain_digits)
    parts_of = {"code": people[field], "word": words}
    return pd.DataFrame(parts_of).assign(alias=pd.Series(alias, people.index), has_alias=True)


def _branch(rows: pd.DataFrame, code: str, people: pd.DataFrame, total: int | None):
    office = settings.table("office")["members"]
    branch = units.name("branch", int(code[1:]))
    community = settings.table("office")["community"]
    headers = [column["header"] for column in office["column"]]
    own = int(((people["branch"] == code) & (people["member"] == "yes")).sum())
    below = [("totals", [office["total"], office["people"].format(count=own)])]
    if total is not None:
        below.append(("totals", [office["total_all"], office["people"].format(count=total)]))
    below += [("blank", [""]), ("signature", _spread(office["signature"], 5))]
    size = rows["order"].nunique()
    breaks = {"b1": {size // 2: ("repeat-header", headers)}, "b3": {size // 3: ("blank", [""])}}
    above = [
        ("title", [office["title"].format(community=community, branch=branch)]),
        ("title", [office["unit_line"].format(community=community)]),
        ("header", headers),
    ]
    cells = layout.sheet(above, rows, below, breaks.get(code))
    return cells.assign(source_file=office["file"], sheet=branch)


def _spread(texts: list[str], step: int) -> list[str]:
    return [cell for text in texts for cell in (text, *[""] * (step - 1))]


def volunteers(sign_ups: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Cells of the volunteer list, a text file without sheets."""
    office = settings.table("office")["volunteers"]
    headers = {column["field"]: column["header"] for column in office["column"]}
    people = sign_ups.assign(
        text_no=pd.Series(np.arange(1, len(sign_ups) + 1)).astype("str"),
        remark=np.where(
            (sign_ups["relation"] == "child") & (sign_ups.index % 2 == 0),
            settings.table("office")["remarks"]["corps_child"],
            "",
        ),
    )
    cells = layout.body(columns("volunteers", headers, people, rng), headers, people["person_id"])
    title = office["title"].format(community=settings.table("office")["community"])
    total = office["people"].format(count=len(sign_ups))
    return layout.sheet(
        [("title", [title]), ("header", list(headers.values()))],
        cells,
        [("blank", [""]), ("totals", [office["total"], total])],
        {len(sign_ups) // 2: ("repeat-header", list(headers.values()))},
    ).assign(source_file=office["file"])


def mobile(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Cells of the register of members who are away, and of one who is back."""
    office = settings.table("office")
    headers = {column["field"]: column["header"] for column in office["mobile"]["column"]}
    away = _away(people, rng)
    cells = layout.body(columns("mobile", headers, away, rng), headers, away["person_id"])
    title = office["mobile"]["title"].format(community=office["community"])
    return layout.sheet(
        [("title", [title]), ("header", list(headers.values()))],
        cells,
        [("blank", [""]), ("signature", _spread(office["mobile"]["signature"], 4))],
    ).assign(source_file=office["mobile"]["file"], sheet=office["mobile"]["sheet"])


def _away(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    remarks = settings.table("office")["remarks"]
    free = (people["due"] == "yes") & (people["remark"] == "") & people["age"].between(25, 50)
    back = people[free & (people["canary"] == "")].head(1).assign(remark=remarks["returned"])
    out = people[people["is_mobile"] == "yes"].assign(remark="")
    away = pd.concat([out, back], ignore_index=True).assign(mobile_kind="out")
    year = settings.reference_year()
    month = rng.integers(1, 13, len(away))
    left = pd.Series([pd.Timestamp(year - 2, m, 10) for m in month])
    until = pd.Series([pd.Timestamp(year + 1, m, 10) for m in month])
    returned = away["remark"] == remarks["returned"]
    return away.assign(
        mobile_to_place=rng.choice(settings.table("office")["places"]["away"], len(away)),
        mobile_from=left,
        mobile_to=until.mask(returned, pd.Timestamp(year - 1, 12, 10)),
    )
