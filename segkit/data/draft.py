"""A draft of settings for a file: what the file itself settles is filled in, the rest becomes a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from .. import scratch
from ..config import UNANSWERED, Channels, Conversations
from ..contract import CALLS, CONTRACTS, CRM, LEADS, MESSAGES, Contract
from ..errors import InputError, printable
from ..event_settings import DateNumbers
from . import draft_dates, evidence, known_exports, lead_roles, message_roles, prospect_roles, roles, side_roles
from .answers import FLAGS, NONE, check, keys
from .column_kinds import described, kinds_only, unconfirmed
from .draft_format import Question, format_lines, hours_lines, own_lines, quoted
from .evidence import Evidence
from .excerpt import excerpt
from .headers import HEADLESS
from .recognise import contract_of
from .roles import Choice, Profile
from .tables import Table, open_table

FEW = 20  # units
_CHOOSE = {LEADS.study: lead_roles.choose, CRM.study: prospect_roles.choose, MESSAGES.study: message_roles.choose}
_OPEN = {  # what cells of a CRM or of a log of messages may leave open
    "date_order": ("In which order are dates written?", ("month/day/year", "day/month/year")),
    "score_unit": ("Are likelihoods to close shares from 0 to 1, or percentages?", ("share", "percent")),
    "both_ways": ("Do people write to each other, so that a pair is the same whoever writes?", ("true", "false")),
}


@dataclass(frozen=True)
class Draft:
    """Settings for one file.

    Attributes
    ----------
    toml : str
        The settings with a comment on each.
    questions : tuple of Question
        What is still open.
    columns : mapping
        Role to column, without the undecided ones.
    confident : bool
        Whether no required question is open.
    study : str
        The study that the settings are for.
    """

    toml: str
    questions: tuple[Question, ...]
    columns: Mapping[str, str]
    confident: bool
    study: str = CALLS.study


def draft_settings(path: Path, answers: Mapping[str, str] | None = None, study: str | None = None) -> Draft:
    """Draft the settings of a file from its header and cells.

    Parameters
    ----------
    path : path
        CSV, Parquet, a workbook, JSON, or the XML of a backup of calls.
    answers : mapping, optional
        Answers by the key of their question: a role (``"contact"``: a column name, or ``"none"``), ``"date_order"``,
        ``"duration_unit"``, ``"time_zone"``, ``"normalise_numbers"``, ``"closed_days"`` (``"Saturday, Sunday"``),
        ``"bands"`` (``"night 0-7, day 8-19, evening 20-23"``), ``"k"``, ``"study"``; of purchases ``"decimal"`` and
        ``"purchase"`` in place of the unit; of contacts of a CRM ``"score_unit"``; and of messages ``"both_ways"``.
    study : str, optional
        The study that the file is for; else that of the answers, else what its columns say.

    Raises
    ------
    InputError
        The file cannot be read.
    ConfigError
        An answer has no question, or is none of the possible ones.
    """
    path = Path(path)
    answers = {key: str(value).strip() for key, value in (answers or {}).items()}
    with excerpt(path) as part:
        try:
            return _drafted(part or path, answers, study, whole=part is None)
        except InputError:
            if part is None:
                raise
    return _drafted(path, answers, study)  # which tells the rows of the fault


def _drafted(path: Path, answers: Mapping[str, str], study: str | None, *, whole: bool = True) -> Draft:
    with open_table(path, headless=True) as table:
        bare = table.source.headless
        found = roles.profiles(table)
        rows = min(table.count, roles.SAMPLE)
        known = known_exports.recognised(table, found, {**answers, **({"study": study} if study else {})})
        if known:
            answers = {**known.says, **answers}
        contract, doubt = contract_of(study or answers.get("study"), found, rows)
        settled = check(answers, list(found), contract)
        table, found, written = draft_dates.as_read(
            table,
            found,
            settled,
            contract,
            cast("DateNumbers | None", answers.get("date_numbers")),
            answers.get("date_order"),
        )
        choices = _CHOOSE.get(contract.study, roles.choose)(found, rows, settled, contract)
        if contract is CALLS:
            choices = side_roles.choose(table, found, settled, choices)
        if known:
            choices = known_exports.told(known, choices)
        elif bare:  # no name confirms what cells suggest
            choices = unconfirmed(choices, found)
        seen = evidence.collect(table, contract, choices, found, answers, written) if contract.events else None
        if known and seen:
            seen = known_exports.seen_as(known, seen)
            answers = {key: value for key, value in answers.items() if key not in known_exports.left(known, seen)}
        unsettled = _unsettled(table, choices, answers, contract)
    questions: list[Question] = []
    lines = [
        *_first_lines(path, known, doubt, questions, whole=whole),
        "",
        *_top_lines(_size_lines(seen, answers, contract), unsettled, answers, questions, contract),
        contract.section("columns"),
        *([f"# {HEADLESS}", *(f"# {line}." for line in described(found, rows))] if bare else []),
        *_column_lines(choices, found, questions, contract),
    ]
    if bare:
        questions = [
            replace(q, reason=f"{q.reason}. {kinds_only(found, q.options)}") if q.key in choices else q
            for q in questions
        ]
    if seen is not None:
        lines += ["", contract.section("format"), *format_lines(contract, seen, answers, questions)]
        lines += own_lines(choices, answers, questions)
        lines += ["", *hours_lines(contract, seen, answers, questions)]
    order = {key: i for i, key in enumerate(keys(contract))}
    order["study"] = -1  # on which all others hang
    left = sorted((q for q in questions if q.key not in answers), key=lambda q: (not q.required, order[q.key]))
    columns = {role: choice.column for role, choice in choices.items() if choice.column}
    return Draft("\n".join(lines) + "\n", tuple(left), columns, not any(q.required for q in left), contract.study)


def _first_lines(
    path: Path, known: known_exports.KnownExport | None, doubt: str, questions: list[Question], *, whole: bool
) -> list[str]:
    """Return what the settings are of, and what was looked at; where the study is in doubt it is asked."""
    if doubt:
        prompt = (
            "Is it a log of calls (contacts), one of purchases (customers), a list of leads (personas), an export of a CRM "
            "(channels), or a log of messages (conversations)?"
        )
        questions.append(Question("study", prompt, tuple(CONTRACTS), doubt))
    return [
        f"# Settings for {printable(path.name)}, drafted by `segkit init` and laid over segkit.toml.",
        f'# Replace each "{UNANSWERED}" by the answer; the comment above it says what was seen.',
        *(
            []
            if whole
            else ["# Only an excerpt of the file was looked at; all of it is judged when the report is made."]
        ),
        *(
            [f"# The columns are those of {known.name}, whose document says what their cells leave open."]
            if known
            else []
        ),
        *([f"# {doubt}; `segkit init --study` drafts them for the other."] if doubt else []),
    ]


def write_draft(path: Path, draft: Draft, *, force: bool = False) -> Path:
    """Write a draft beside its file, as ``<file>.toml``.

    Parameters
    ----------
    path : path
        The data file.
    draft : Draft
    force : bool
        Whether to replace settings that are there.

    Raises
    ------
    InputError
        Settings are there already, or the folder cannot be written.
    """
    path = Path(path)
    target = path.with_name(path.name + ".toml")
    try:
        with scratch.draft(target, replace=force) as file:
            file.write(draft.toml.encode())
    except FileExistsError:
        raise InputError(
            "these settings exist already", file=target, remedy="Edit them, or give --force to draft them again."
        ) from None
    except OSError as error:
        raise InputError(
            f"the settings cannot be written ({error.strerror})", file=target, remedy="Make the folder writable."
        ) from None
    return target


def _size_lines(seen: Evidence | None, answers: Mapping[str, str], contract: Contract) -> list[str]:
    units = FEW if seen is None or seen.units is None else seen.units
    if "k" not in answers and units >= FEW:
        return []
    most = max(2, min(12, units // 2))
    k = int(answers["k"]) if "k" in answers else max(2, min(4, units // 5))
    head = f"[{contract.study}]"
    if units >= FEW:
        return [head, "# As you answered.", f"k = {k}", ""]
    return [
        head,
        f"# The file has {units:,} {contract.terms.units}, which is few.",
        f"k = {k}",
        f"k_max = {max(k, most)}",
        "",
    ]


def _unsettled(
    table: Table, choices: Mapping[str, Choice], answers: Mapping[str, str], contract: Contract
) -> dict[str, str]:
    """Return what an export of a CRM or a log of messages leaves open, and what was answered although it does not."""
    if contract is CRM:
        found = prospect_roles.unsettled(table, choices, Channels.model_validate({}))
    elif contract is MESSAGES:
        found = message_roles.unsettled(table, choices, Conversations.model_validate({}))
    else:
        return {}
    return found | {key: "As you answered" for key in _OPEN if key in answers}


def _top_lines(
    size: list[str],
    unsettled: Mapping[str, str],
    answers: Mapping[str, str],
    questions: list[Question],
    contract: Contract,
) -> list[str]:
    """Return the section of the study itself: how many segments, and what the cells leave open."""
    lines = []
    for key, reason in unsettled.items():
        if key not in answers:
            questions.append(Question(key, *_OPEN[key], reason))
        lines += [
            f"# {reason}.",
            f"{key} = {answers[key] if answers.get(key) in FLAGS else quoted(answers.get(key, UNANSWERED))}",
        ]
    return [*(size[:-1] or [f"[{contract.study}]"]), *lines, ""] if lines else size


def _column_lines(
    choices: Mapping[str, Choice], found: Mapping[str, Profile], questions: list[Question], contract: Contract
) -> list[str]:
    lines = []
    used = {choice.column for choice in choices.values()}
    for role, choice in choices.items():
        ended = role == "duration" and "end" in choices and choices["end"].column
        required, prompt = contract[role].required and not ended, contract[role].question
        free = tuple(dict.fromkeys([*choice.candidates, *(name for name in found if name not in used)]))
        needs_time = (
            role == "time" and contract.timed and choice.column is None and choice.reason.startswith("no column")
        )
        if choice.column is None and (required or choice.asked):
            lines += [f"# {choice.reason}.", f'{role} = "{UNANSWERED}"']
            questions.append(Question(role, prompt, (*free, NONE) if role in ("name", "time") else free, choice.reason))
        elif choice.column is not None:
            lines += [f"# {choice.reason}.", f"{role} = {quoted(choice.column)}"]
            if role == "category" and contract.events:
                lines.append("# not_business = []   # labels in that column that are no business: no rule is for them")
            if not choice.sure:
                questions.append(Question(role, prompt, free, choice.reason, required=False))
        elif (needs_time or role in ("name", "category")) and free and contract.events:
            questions.append(Question(role, prompt, (NONE, *free), choice.reason, required=False))
    return lines
