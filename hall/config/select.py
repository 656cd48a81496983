"""A query on somebody else's database: one SELECT with one bound parameter, told without a database.

This refuses mistakes early and by name. That nothing can be written is up to the connection, which is opened
for reading, and to the account, which should have no right but to read.
"""

from __future__ import annotations

import re

PARAMETER = "after"

_NOT_CODE = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|(\$\w*\$).*?\1", flags=re.DOTALL
)
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|upsert|drop|alter|create|truncate|grant|revoke|call|exec|execute|into|copy"
    r"|attach|detach|pragma|vacuum|lock|load_file|load_extension|pg_read_file|dblink_exec)\b",
    flags=re.IGNORECASE,
)
_BOUND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


def one_select(query: str) -> str:
    """The query itself, without the semicolon at its end. Raises ValueError, which says what is wrong."""
    text = query.strip().removesuffix(";").rstrip()
    bare = _NOT_CODE.sub(" ", text).strip()
    words = bare.split(None, 1)
    if not words or words[0].lower() not in ("select", "with"):
        raise ValueError("must be one SELECT")
    if ";" in bare or "'" in bare or '"' in bare or "/*" in bare:
        raise ValueError("must be one SELECT: a ';', or a quote or comment that does not end, stands in it")
    writes = _WRITES.search(bare)
    if writes is not None:
        raise ValueError(f"must only read: '{writes.group(0)}' stands in it")
    if PARAMETER not in _BOUND.findall(bare):
        raise ValueError(
            f"must name :{PARAMETER}, as in 'WHERE changed_at >= :{PARAMETER} ORDER BY changed_at'"
        )
    others = set(_BOUND.findall(text)) - {PARAMETER}
    if others:
        raise ValueError(
            f"may hold no parameter but :{PARAMETER}; ':{min(others)}' is one (write '\\:' in texts)"
        )
    return text
