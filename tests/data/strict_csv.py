"""A strict reader of delimited text by RFC 4180, written for the tests alone: one character after another, no library."""

from __future__ import annotations


class RefusedError(Exception):
    """The text is not regular."""


def records(text: str, delimiter: str) -> list[list[str]]:
    """Return the records of a text, blank lines left out.

    Line ends are CR LF, LF or CR outside quotation marks (RFC 4180 section 2.1 with the two that systems write besides);
    a cell with a quotation mark begins and ends with one, and has its inner ones doubled (sections 2.5 to 2.7).
    """
    found: list[list[str]] = []
    row: list[str] = []
    cell: list[str] = []
    state = "start"  # of a cell; "bare", "quoted", "closed"
    i = 0
    text = text.removeprefix("\ufeff")
    while i < len(text):
        c = text[i]
        i += 1
        if state == "quoted":
            if c != '"':
                cell.append(c)
            elif text[i : i + 1] == '"':
                cell.append('"')
                i += 1
            else:
                state = "closed"
        elif c in "\r\n":
            if c == "\r" and text[i : i + 1] == "\n":
                i += 1
            if row or cell or state == "closed":
                found.append([*row, "".join(cell)])
            row, cell, state = [], [], "start"
        elif c == delimiter:
            row.append("".join(cell))
            cell, state = [], "start"
        elif c == '"':
            if state != "start":
                raise RefusedError(f"a quotation mark within a cell of record {len(found) + 1}")
            state = "quoted"
        elif state == "closed":
            raise RefusedError(f"text behind a quotation mark in record {len(found) + 1}")
        else:
            cell.append(c)
            state = "bare"
    if state == "quoted":
        raise RefusedError(f"record {len(found) + 1} never ends")
    if row or cell or state == "closed":
        found.append([*row, "".join(cell)])
    return found


def table(text: str, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows, all of one width; one empty cell at the end of all rows, or of the header, does not count.

    A row in which nothing can be seen is none.

    Raises
    ------
    RefusedError
        Rows are narrower or wider than the header.
    """
    first, *rows = records(text, delimiter) or [[]]
    header = first[:-1] if first and not first[-1] else first
    rows = [row for row in rows if any(c.isprintable() and not c.isspace() for c in "".join(row))]
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise RefusedError("rows of several widths")
    width = widths.pop() if widths else len(header)
    if width == len(header) + 1 and (len(first) == width or not any(row[-1] for row in rows)):
        rows = [row[:-1] for row in rows] if len(first) < width else rows
        header = first
    elif width != len(header):
        raise RefusedError("rows and header differ")
    return header, rows
