"""Labelled questions, tab-separated: query, ids (entries that answer it; none: out of scope), script."""

from bot.core.answers.evaluation import Labelled
from bot.errors import InputError


def parse_labelled(text: str, name: str) -> dict[int, Labelled]:
    """
    Labelled questions, by the lines on which they stand.

    Args:
        text: the whole file.
        name: of it, as people know it.

    Raises:
        InputError: a column is missing, or there is no question.
    """
    # Not splitlines(), not csv: a question may hold any character but tab and line feed.
    head, *rows = [line.rstrip("\r").split("\t") for line in text.split("\n")]
    for column in ("query", "ids"):
        if column not in head:
            raise InputError("no-column", path=name, column=column)
    found = {}
    for number, cells in enumerate(rows, 2):
        row = dict(zip(head, cells, strict=False))
        if any(cells) and "query" in row:
            expected = frozenset(filter(None, row.get("ids", "").split(",")))
            found[number] = Labelled(row["query"], expected, row.get("script", ""))
    if not found:
        raise InputError("no-rows", path=name)
    return found
