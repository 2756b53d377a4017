"""Counts by month: read and told, and no session is invented from them."""

from drawn import source, study
from hostile import book, cleaned

from engagement.records import link, overview, participation, people

ROWS = [["第一支部2022年主题党日参加次数统计表"], ["序号", "姓名", "1月", "2月", "3月", "备注"]]
ROWS += [
    ["1", "王芳", "2", "0", "", "x"],
    ["2", "李强", "1", "3次", "十", ""],
    ["合计", "", "3", "3"],
]
UNITS = {"units": study().units}


def read(folder, rows=ROWS, **more):
    roster = source("sign_ins", **more)
    return cleaned(folder, book(rows), roster=roster, name="a.xlsx", **UNITS)


def test_counts_by_month_are_read_as_counts(tmp_path):
    found = read(tmp_path)
    assert list(found.records) == ["tallies"]
    tallies = found.records["tallies"]
    shown = tallies[["name", "event_date", "times_attended"]].fillna("").to_numpy().tolist()
    assert shown == [
        ["王芳", "2022-01", "2"],
        ["王芳", "2022-02", "0"],
        ["王芳", "2022-03", ""],
        ["李强", "2022-01", "1"],
        ["李强", "2022-02", "3"],
        ["李强", "2022-03", "10"],
    ]
    cells = found.audit[found.audit["field"] == "times_attended"]
    assert list(cells["raw"]) == ["2", "0", "1", "3次", "十"]
    assert found.manifest[["rows", "structural", "clean"]].to_numpy().tolist() == [[5, 3, 2]]


def test_no_session_is_made_of_counts_and_a_sentence_says_so(tmp_path):
    found = read(tmp_path)
    assert participation.sessions(found, study()).empty
    members = {"members": found.records["tallies"].drop_duplicates("row")}
    found.records.update(members)
    links = link.rosters(found, study())
    table = people.table(found, links, study())
    assert participation.table(found, links, table, study()).empty
    told = overview.sentences(found, links, people.reconciliation(found, links, study()), study())
    assert ("check.tallies", {"files": 1, "cells": 5}) in told


def test_marks_under_months_are_sessions_known_to_the_month(tmp_path):
    rows = [["姓名", "1月", "2月"], ["王芳", "√", "×"], ["李强", "√", ""]]
    found = read(tmp_path, rows, year=2022).records["sign_ins"]
    assert found[["event_date", "attend_status"]].to_numpy().tolist() == [
        ["2022-01", "attended"],
        ["2022-02", "absent"],
        ["2022-01", "attended"],
        ["2022-02", "unknown"],
    ]


def test_a_month_without_a_year_is_refused_and_nothing_is_lost(tmp_path):
    rows = [["姓名", "1月"], ["王芳", "√"]]
    found = read(tmp_path, rows)
    assert found.records["sign_ins"]["event_date"].isna().all()
    assert found.quarantine["field"].tolist() == ["event_date"]
