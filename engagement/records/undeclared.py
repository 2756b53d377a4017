"""What study.toml might declare yet: headers nobody knows, spellings nobody declared.

Enters: cleaned rosters and their study.
Leaves: the headers, the number of spellings, and both as TOML to paste into study.toml.
Refuses: showing spellings on a screen: a name may stand in the wrong column.
"""

from __future__ import annotations

import json

import pandas as pd

from engagement import codebook, words
from engagement.codebook import Field
from engagement.records.clean import Cleaned
from engagement.records.reading import says_same
from engagement.study import Study

FILE = "declare.toml"
_CODED = ("code", "yesno", "mark", "category")


def headers(cleaned: Cleaned) -> list[str]:
    """The headers of columns that were not read because nobody knows them, in their order."""
    unknown = cleaned.audit.loc[cleaned.audit["rule"] == "unknown_header", "header"]
    return [text for text in unknown.drop_duplicates() if text]


def spellings(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """Spellings of coded fields that were refused, one row each: field, raw (identity level)."""
    audit = cleaned.audit
    coded = [name for name, field in study.fields.items() if field.type in _CODED]
    lost = audit["rule"].str.startswith(("undeclared_value", "undeclared_digit"))
    wanted = audit.loc[lost & audit["field"].isin(coded), ["field", "raw"]].drop_duplicates()
    own = ~wanted["raw"].map(says_same).astype(bool)
    return wanted[own].sort_values(["field", "raw"], ignore_index=True)


def toml(cleaned: Cleaned, study: Study) -> str:
    """Both as TOML to paste, with a blank for each answer; "" when there is nothing to declare."""
    blocks = []
    if unknown := headers(cleaned):
        lines = [f'# {_quoted(text)} = "field"' for text in unknown]
        blocks.append([_remark("propose.unknown_headers"), "[headers]", *lines])
    for name, found in spellings(cleaned, study).groupby("field"):
        lines = [f'# {_quoted(text)} = "code"' for text in found["raw"]]
        codes = ", ".join(_codes(study.fields[name], study))
        remark = _remark("propose.unknown_values", expected=codes)
        blocks.append([remark, f"[values.{name}]", *lines])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n" * bool(blocks)


def _codes(field: Field, study: Study) -> list[str]:
    listed = {"yesno": "yesno", "mark": "attend_status"}.get(field.type, field.codes)
    known = codebook.codes(listed) if listed else study.value_labels.get(field.name, {})
    return list(known) or sorted(set(study.values.get(field.name, {}).values()))


def _remark(key: str, **values: object) -> str:
    return "\n".join(f"# {words.text(key, language, **values)}" for language in words.LANGUAGES)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
