"""A draft of settings for a file: what the file itself settles is filled in, the rest becomes a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .. import scratch
from ..config import UNANSWERED, WEEKDAYS, Channels, Conversations, Hours
from ..contract import CALLS, CONTRACTS, CRM, LEADS, MESSAGES, Contract
from ..errors import InputError, printable
from . import evidence, lead_roles, message_roles, prospect_roles, roles, side_roles
from .answers import FLAGS, NONE, bands_of, check, days_of, keys, own_of
from .column_kinds import described, kinds_only, unconfirmed
from .evidence import Evidence
from .headers import HEADLESS
from .recognise import contract_of
from .roles import Choice
from .tables import Table, open_table

FEW = 20  # units
_CHOOSE = {LEADS.study: lead_roles.choose, CRM.study: prospect_roles.choose, MESSAGES.study: message_roles.choose}
_OPEN = {  # what cells of a CRM or of a log of messages may leave open
    "date_order": ("In which order are dates written?", ("month/day/year", "day/month/year")),
    "score_unit": ("Are likelihoods to close shares from 0 to 1, or percentages?", ("share", "percent")),
    "both_ways": ("Do people write to each other, so that a pair is the same whoever writes?", ("true", "false")),
}


@dataclass(frozen=True)
class Question:
    """Something that the owner of a file knows better than the file shows.

    Attributes
    ----------
    key : str
        What ``answers`` calls it.
    prompt : str
    options : tuple of str
        Possible answers, the likeliest first; empty where any text may be right.
    reason : str
        What was seen in the file.
    required : bool
        Whether the settings are refused until it is answered. Else the draft has a default.
    """

    key: str
    prompt: str
    options: tuple[str, ...]
    reason: str
    required: bool = True


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
    with open_table(path, headless=True) as table:
        bare = table.source.headless
        found = roles.profiles(table)
        rows = min(table.count, roles.SAMPLE)
        contract, doubt = contract_of(study or answers.get("study"), found, rows)
        settled = check(answers, list(found), contract)
        choices = _CHOOSE.get(contract.study, roles.choose)(found, rows, settled, contract)
        if contract is CALLS:
            choices = side_roles.choose(table, found, settled, choices)
        if bare:  # no name confirms what cells suggest
            choices = unconfirmed(choices, found)
        seen = evidence.collect(table, contract, choices, found, answers) if contract.events else None
        unsettled = _unsettled(table, choices, answers, contract)
    questions: list[Question] = []
    if doubt:
        prompt = (
            "Is it a log of calls (contacts), one of purchases (customers), a list of leads (personas), an export of a CRM "
            "(channels), or a log of messages (conversations)?"
        )
        questions.append(Question("study", prompt, tuple(CONTRACTS), doubt))
    lines = [
        f"# Settings for {printable(path.name)}, drafted by `segkit init` and laid over segkit.toml.",
        f'# Replace each "{UNANSWERED}" by the answer; the comment above it says what was seen.',
        *([f"# {doubt}; `segkit init --study` drafts them for the other."] if doubt else []),
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
        lines += ["", contract.section("format"), *_format_lines(contract, seen, answers, questions)]
        lines += _own_lines(choices, answers, questions)
        lines += ["", *_hours_lines(contract, seen, answers, questions)]
    order = {key: i for i, key in enumerate(keys(contract))}
    order["study"] = -1  # on which all others hang
    left = sorted((q for q in questions if q.key not in answers), key=lambda q: (not q.required, order[q.key]))
    columns = {role: choice.column for role, choice in choices.items() if choice.column}
    return Draft("\n".join(lines) + "\n", tuple(left), columns, not any(q.required for q in left), contract.study)


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


def _quoted(text: str) -> str:
    """Write a TOML string.

    >>> _quoted('a "b"')
    '"a \\\\"b\\\\""'
    """
    escaped = "".join(f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08X}" for c in text)
    return f'"{escaped}"'


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
            f"{key} = {answers[key] if answers.get(key) in FLAGS else _quoted(answers.get(key, UNANSWERED))}",
        ]
    return [*(size[:-1] or [f"[{contract.study}]"]), *lines, ""] if lines else size


def _column_lines(
    choices: Mapping[str, Choice], found: Mapping[str, roles.Profile], questions: list[Question], contract: Contract
) -> list[str]:
    lines = []
    used = {choice.column for choice in choices.values()}
    for role, choice in choices.items():
        required, prompt = contract[role].required, contract[role].question
        free = tuple(dict.fromkeys([*choice.candidates, *(name for name in found if name not in used)]))
        needs_time = (
            role == "time" and contract.timed and choice.column is None and choice.reason.startswith("no column")
        )
        if choice.column is None and (required or needs_time or choice.asked):
            lines += [f"# {choice.reason}.", f'{role} = "{UNANSWERED}"']
            questions.append(Question(role, prompt, (*free, NONE) if role == "name" else free, choice.reason))
        elif choice.column is not None:
            lines += [f"# {choice.reason}.", f"{role} = {_quoted(choice.column)}"]
            if not choice.sure:
                questions.append(Question(role, prompt, free, choice.reason, required=False))
        elif role in ("name", "category") and free and contract.events:
            questions.append(Question(role, prompt, (NONE, *free), choice.reason, required=False))
    return lines


def _format_lines(
    contract: Contract, seen: Evidence, answers: Mapping[str, str], questions: list[Question]
) -> list[str]:
    orders = ("month/day/year", "day/month/year", "year-month-day")
    asked: list[tuple[str, str, tuple[str, ...], tuple[str | None, str]]]
    asked = [("date_order", "In which order are dates written?", orders, seen.order)]
    if contract.money:
        signs = ("point", "comma")
        asked.append(("decimal", "Do amounts have a decimal point or a decimal comma?", signs, seen.form))
    else:
        units = ("seconds", "minutes", "h:mm:ss")
        asked.append(("duration_unit", "In which unit are durations written?", units, seen.form))
    lines = []
    for key, prompt, options, (value, reason) in asked:
        if value is None and key not in answers:
            questions.append(Question(key, prompt, options, reason))
        said = answers.get(key, value)
        lines += [f"# {reason}.", f"{key} = {_quoted(said or UNANSWERED)}"]
    if contract.money:
        value, reason = seen.purchase
        if value is None:
            prompt = "What is one purchase: all rows of a customer and day, or each row?"
            questions.append(Question("purchase", prompt, ("day", "row"), reason, required=False))
        lines += [f"# {reason}.", f"purchase = {_quoted(answers.get('purchase', value or 'day'))}"]
    required, reason = seen.zone
    zone = answers.get("time_zone")
    if zone is None and reason:
        prompt = "In which time zone is the business? Times are converted to its clock."
        questions.append(Question("time_zone", prompt, () if required else (NONE,), reason, required))
        lines += [f"# {reason}.", f'{"" if required else "# "}time_zone = "{UNANSWERED}"']
    elif zone not in (None, NONE):
        lines += [f"# {reason or 'Times state no offset from UTC'}.", f"time_zone = {_quoted(str(zone))}"]
    if seen.doubles:
        reason = f"{seen.doubles:,} numbers seem to be written in several ways"
        prompt = "Are numbers that differ only in +, spaces, zeros or country code one contact?"
        questions.append(Question("normalise_numbers", prompt, ("true", "false"), reason, required=False))
        lines.append(f"# {reason}.")
    if seen.doubles or "normalise_numbers" in answers:
        lines.append(f"normalise_numbers = {answers.get('normalise_numbers', 'false')}")
    if "withheld" in answers:
        lines += ["# As you answered.", f"withheld = {_quoted(answers['withheld'])}"]
    return lines


def _own_lines(choices: Mapping[str, Choice], answers: Mapping[str, str], questions: list[Question]) -> list[str]:
    """Return the own numbers as answered; they are asked for where both sides of calls have numbers and nothing says whose."""
    side = choices.get("caller")
    if "own" in answers:
        return ["# As you answered.", f"own = [{', '.join(map(_quoted, own_of(answers['own'])))}]"]
    if side is None or side.sure:
        return []
    reason = "No column says in or out, and no number is on one side of nearly all calls"
    questions.append(Question("own", "Which numbers are your own? Give them with commas between.", (), reason))
    return [f"# {reason}: give your own numbers.", f'own = ["{UNANSWERED}"]']


def _hours_lines(
    contract: Contract, seen: Evidence, answers: Mapping[str, str], questions: list[Question]
) -> list[str]:
    heads, events = (contract.section("hours"), contract.section("hours.bands")), contract.terms.events
    if not contract.timed and not seen.hours and seen.weekdays:
        none = "# There is no time of day, so there are no bands of it."
        days = days_of(answers["closed_days"]) if "closed_days" in answers else ()
        return [heads[0], f"closed_days = [{', '.join(_quoted(day) for day in days)}]", "", heads[1], none]
    defaults = Hours()
    days = days_of(answers["closed_days"]) if "closed_days" in answers else seen.closed_days or defaults.closed_days
    bands = bands_of(answers["bands"]) if "bands" in answers else defaults.bands
    shares = ", ".join(f"{day} {share:.1%}" for day, share in zip(WEEKDAYS, seen.weekdays, strict=False))
    by_day = f"Share of {events}: {shares}" if shares else f"The share of {events} by weekday is not known yet"
    first, last = defaults.bands["business_hours"]
    inside = sum(seen.hours[first : last + 1])
    by_hour = (
        f"{inside:.1%} of {events} begin from {first} to {last} o'clock" if seen.hours else "Hours are the defaults"
    )
    text = ", ".join(f"{name} {a}-{b}" for name, (a, b) in bands.items())
    options = tuple(dict.fromkeys([", ".join(days) or NONE, "Sunday", "Saturday, Sunday", NONE]))
    questions.append(Question("closed_days", "On which days is the business closed?", options, by_day, required=False))
    questions.append(
        Question("bands", "Which hours belong to which band of the day?", (text,), by_hour, required=False)
    )
    return [
        heads[0],
        f"# {by_day}.",
        f"closed_days = [{', '.join(_quoted(day) for day in days)}]",
        "",
        heads[1],
        f"# {by_hour}.",
        "# First and last hour of each band; together they cover 0 to 23.",
        *(f"{name} = [{a}, {b}]" for name, (a, b) in bands.items()),
    ]
