"""Logs as telephone systems, apps, carriers and CRMs are known to export them, made of one made-up log with known truth."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from segkit.data.simulate.exports import OWN, Call

Cell = Callable[[Call], object]


@dataclass(frozen=True)
class Export:
    """A kind of file.

    Attributes
    ----------
    name : str
    columns : mapping of str to callable or text
        What each column has; without a header, names are of no effect.
    before, after : str
        Lines around the table.
    delimiter, encoding : str
    header : bool
    answers : mapping of str to str
        Right answers to what may be asked.
    moment, seconds : callable
        What can be read of the start and the length, where the export keeps less than the exchange knew.
    """

    name: str
    columns: Mapping[str, Cell | str]
    before: str = ""
    after: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    header: bool = True
    answers: Mapping[str, str] = field(default_factory=dict)
    moment: Callable[[Call], datetime] = lambda c: c.start
    seconds: Callable[[Call], int] = lambda c: c.seconds

    def rows(self, log: Sequence[Call]) -> list[list[str]]:
        """Return the cells of each call; `{n}` in a text is the number of the call."""
        return [
            [v.format(n=n, m=1000 + n) if isinstance(v, str) else str(v(c)) for v in self.columns.values()]
            for n, c in enumerate(log, 1)
        ]

    def write(self, log: Sequence[Call]) -> bytes:
        """Return the file."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n")
        if self.header:
            writer.writerow(self.columns)
        writer.writerows(self.rows(log))
        return (self.before + out.getvalue() + self.after).encode(self.encoding)


def who(c: Call) -> str:
    return c.contact


def caller(c: Call) -> str:
    return c.contact if c.incoming else OWN


def called(c: Call) -> str:
    return OWN if c.incoming else c.contact


def at(pattern: str) -> Cell:
    return lambda c: format(c.start, pattern)


def end(pattern: str) -> Cell:
    return lambda c: format(c.start + timedelta(seconds=c.seconds), pattern)


def way(incoming: str, outgoing: str) -> Cell:
    return lambda c: incoming if c.incoming else outgoing


def clock(c: Call) -> str:
    return f"{c.seconds // 3600:02}:{c.seconds // 60 % 60:02}:{c.seconds % 60:02}"


def short(c: Call) -> str:
    return f"{c.seconds // 60}:{c.seconds % 60:02}"


def bracketed(c: Call) -> str:
    return f"({c.contact[:3]}) {c.contact[3:6]}-{c.contact[6:]}"


def in_primes(c: Call) -> str:
    return f"{c.seconds // 60}'{c.seconds % 60:02}''"


def minutes_up(c: Call) -> int:
    return -(-c.seconds // 60)


def hours_and_minutes(c: Call) -> str:
    return f"{minutes_up(c) // 60}:{minutes_up(c) % 60:02}"


def seconds(c: Call) -> int:
    return c.seconds


def to_minute(c: Call) -> datetime:
    return c.start.replace(second=0)


def by_minutes(c: Call) -> int:
    return 60 * minutes_up(c)


def utc(c: Call, zone: str = "Europe/Berlin") -> datetime:
    return c.start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def since(origin: datetime, per_second: int = 1) -> Cell:
    return lambda c: round((utc(c) - origin).total_seconds()) * per_second


APPLE, UNIX = datetime(2001, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
ISO, AMERICAN = "%Y-%m-%d %H:%M:%S", "%m/%d/%Y"
BERLIN = {"time_zone": "Europe/Berlin"}


def half_past(c: Call) -> str:
    return f"{c.start:%I:%M %p}"


EXPORTS = [
    Export("Asterisk Master.csv", {
        "accountcode": "", "src": caller, "dst": called, "dcontext": way("from-trunk", "from-internal"),
        "clid": lambda c: f'"" <{caller(c)}>', "channel": "SIP/trunk-0000{m}", "dstchannel": "SIP/101-0000{m}",
        "lastapp": "Dial", "lastdata": "SIP/101,30", "start": at(ISO), "answer": at(ISO), "end": end(ISO), "duration": seconds,
        "billsec": seconds, "disposition": "ANSWERED", "amaflags": "DOCUMENTATION", "uniqueid": "1704182400.{m}",
    }, header=False, answers={
        "date": "column 10", "time": "none", "duration": "column 14", "caller": "column 2", "called": "column 3",
        "contact": "none", "name": "none", "end": "none", "date_order": "year-month-day", "own": OWN, "duration_unit": "seconds",
        "category": "none",
    }),
    Export("FreePBX", {
        "calldate": at(ISO), "clid": lambda c: f'"" <{caller(c)}>', "src": caller, "dst": called, "dcontext": "from-internal",
        "channel": "PJSIP/101-0000{m}", "dstchannel": "PJSIP/trunk-0000{m}", "lastapp": "Dial", "lastdata": "PJSIP/{m}@trunk,300",
        "duration": lambda c: c.seconds + 7, "billsec": seconds, "disposition": "ANSWERED", "amaflags": "3", "accountcode": "",
        "uniqueid": "1704182400.{m}", "userfield": "", "did": "", "recordingfile": "", "cnum": caller, "cnam": "", "linkedid":
        "1704182400.{m}", "peeraccount": "", "sequence": "{m}",
    }, answers={"duration": "billsec", "duration_unit": "seconds", "caller": "src", "called": "dst", "contact": "none"}),
    Export("3CX call report", {
        "Call Time": at(ISO), "Caller ID": caller, "Destination": called, "Status": "answered", "Ringing": "00:00:05",
        "Talking": clock, "Totals": "", "Cost": "", "Reason": "Terminated by extension",
    }, before="Call report\r\nFrom: 01/02/2024 To: 03/31/2024\r\n\r\n", after="Totals,,,,00:07:30,07:20:00,,,\r\n",
        answers={"duration": "Talking"}),
    Export("Cisco CUCM", {
        "cdrRecordType": "1", "globalCallID_callManagerId": "2", "globalCallID_callId": "{m}", "origLegCallIdentifier": "{m}1",
        "dateTimeOrigination": since(UNIX), "callingPartyNumber": caller, "originalCalledPartyNumber": called,
        "finalCalledPartyNumber": called, "dateTimeConnect": since(UNIX), "dateTimeDisconnect":
        lambda c: since(UNIX)(c) + c.seconds, "pkid": "0000-{m}", "duration": seconds,  # type: ignore[operator]
    }, answers=BERLIN | {"duration_unit": "seconds", "caller": "callingPartyNumber", "called": "finalCalledPartyNumber",
                         "date": "dateTimeOrigination", "contact": "none", "own": OWN, "duration": "duration"}),
    Export("Avaya SMDR", {
        "start": at("%Y/%m/%d %H:%M:%S"), "time": clock, "ring": "5", "caller": caller, "way": way("I", "O"), "called": called,
        "dialled": called, "account": "", "internal": "0", "id": "{m}", "more": "0", "device": "E201", "name": "Extn201",
    }, header=False, answers={
        "date": "column 1", "time": "none", "duration": "column 2", "caller": "column 4", "direction": "column 5",
        "called": "column 6", "name": "none", "date_order": "year-month-day", "own": OWN,
        "duration_unit": "h:mm:ss", "category": "none", "end": "none",
    }),
    Export("Twilio", {
        "Call Sid": "CA000{m}", "Type": "Phone", "Status": "completed", "From": caller, "To": called,
        "Start Time": lambda c: f"{utc(c):%a, %d %b %Y %H:%M:%S +0000}", "Duration": seconds,
        "Direction": way("inbound", "outbound-api"), "Price": "-0.0085",
    }, answers=BERLIN | {"duration_unit": "seconds"}),
    Export("RingCentral", {
        "Direction": way("Incoming", "Outgoing"), "Type": "Voice", "Phone Number": bracketed,
        "Name": "", "Date": at("%a %m/%d/%Y"), "Time": half_past, "Action": "Phone Call", "Action Result": "Accepted",
        "Result Description": "", "Duration": clock,
    }, moment=to_minute),
    Export("Aircall", {
        "line": "Main", "datetime (UTC)": lambda c: f"{utc(c):%Y-%m-%d %H:%M:%S}", "country_code": "US",
        "direction": way("inbound", "outbound"), "from": caller, "to": called, "answered": "Yes",
        "duration (total)": lambda c: c.seconds + 11, "duration (in call)": seconds, "tags": "", "via": "Phone",
    }, answers=BERLIN | {"duration": "duration (in call)", "duration_unit": "seconds"}),
    Export("Dialpad", {
        "call_id": "55{m}", "category": way("incoming", "outgoing"), "direction": way("inbound", "outbound"),
        "internal_number": f"+1{OWN}", "external_number": lambda c: f"+1{who(c)}", "date_started": at(ISO + ".000000"),
        "date_ended": end(ISO + ".000000"), "talk_duration": lambda c: f"{c.seconds / 60:.4f}", "timezone": "US/Pacific",
    }, answers={"duration": "talk_duration", "duration_unit": "minutes", "contact": "external_number"}),
    Export("iPhone, by iMazing", {
        "Call type": way("Incoming", "Outgoing"), "Date": at(ISO), "Duration": clock,
        "Number": lambda c: f"+1 {bracketed(c)}", "Contact": "", "Location": "", "Service": "Phone",
    }, answers={"contact": "Number"}),
    Export("iPhone, ZCALLRECORD", {
        "Z_PK": "{n}", "ZORIGINATED": way("0", "1"), "ZDATE": lambda c: f"{since(APPLE)(c)}.25", "ZDURATION":
        lambda c: f"{c.seconds}.0", "ZADDRESS": lambda c: f"+1{who(c)}",
    }, answers=BERLIN | {"date_numbers": "apple seconds", "date": "ZDATE", "duration": "ZDURATION", "duration_unit": "seconds",
                         "contact": "ZADDRESS", "study": "contacts"}),
    Export("iPhone, seconds of Apple under a plain name", {
        "date": lambda c: since(APPLE)(c), "number": who, "duration_seconds": seconds,
    }, answers=BERLIN | {"date_numbers": "apple seconds"}),
    Export("Android, Super Backup", {
        "Name": "", "Number": who, "Date": since(UNIX, 1000), "Duration": seconds, "Type": way("1", "2"),
    }, answers=BERLIN | {"duration_unit": "seconds"}),
    Export("Android, SMS Backup & Restore", {
        "number": lambda c: f"+1{who(c)}", "duration": seconds, "date": since(UNIX, 1000), "type": way("1", "2"),
        "presentation": "1", "subscription_id": "89{m}", "post_dial_digits": "", "readable_date": at("%d %b %Y %H:%M:%S"),
        "contact_name": "(Unknown)",
    }, answers=BERLIN),
    Export("Panasonic SMDR", {
        "Date": at("%m/%d/%y"), "Time": lambda c: f"{c.start:%I:%M%p}", "Ext": "101", "CO": "01",
        "Dial Number": lambda c: f"<I>{who(c)}" if c.incoming else who(c), "Ring": "0'05",
        "Duration": lambda c: f"{c.seconds // 3600:02}:{c.seconds // 60 % 60:02}'{c.seconds % 60:02}", "Acc code": "", "CD": "",
    }, moment=to_minute, answers={"study": "contacts", "duration": "Duration", "contact": "Dial Number"}),
    Export("Telekom, itemised bill", {
        "Datum": at("%d.%m.%y"), "Uhrzeit": at("%H:%M:%S"), "Rufnummer": OWN, "Zielrufnummer": who, "Tarif": "Inland",
        "Dauer": clock, "Betrag EUR": lambda c: f"0,{minutes_up(c):02}",
    }, before="Einzelverbindungsnachweis;;;;;;\r\nKundennummer;12345;;;;;\r\n\r\n", delimiter=";", encoding="cp1252"),
    Export("Vodafone UK, bill", {
        "Date": at("%d %b %Y"), "Time": at("%H:%M:%S"), "Number called": who, "Destination": "UK Mobile", "Duration": short,
        "Cost": "£0.10",
    }, encoding="cp1252"),
    Export("Orange, bill", {
        "Date": at("%d/%m/%Y"), "Heure": at("%Hh%Mm%Ss"), "Numéro appelé": who,
        "Durée": lambda c: f"{c.seconds // 3600:02}h{c.seconds // 60 % 60:02}m{c.seconds % 60:02}s",
        "Montant HT (€)": "0,000",
    }, delimiter=";", encoding="cp1252"),
    Export("TIM, bill", {
        "Data": at("%d/%m/%Y"), "Ora": at("%H.%M.%S"), "Numero chiamato": who, "Durata": in_primes,
        "Costo": "0,15 €",
    }, delimiter=";"),
    Export("HubSpot calls", {
        "Record ID": "77{m}", "Activity date": at("%Y-%m-%d %H:%M"), "Call direction": way("INBOUND", "OUTBOUND"),
        "From Number": lambda c: f"+1{caller(c)}", "To Number": lambda c: f"+1{called(c)}",
        "Call duration (HH:mm:ss)": clock, "Call outcome": "Connected",
    }, moment=to_minute),
    Export("Salesforce report", {
        "Subject": "Call", "Date": at(AMERICAN), "Call Type": way("Inbound", "Outbound"), "Phone": who,
        "Call Duration (seconds)": seconds,
    }, after='\r\n\r\n"Calls of the year"\r\n"Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved."\r\n'
       '"Confidential Information - Do Not Distribute"\r\n"Generated By:  Some Body  3/31/2024 8:00 AM"\r\n"Example Ltd"\r\n',
        moment=lambda c: c.start.replace(hour=0, minute=0, second=0), answers={"time": "none"}),
    Export("Zoho CRM", {
        "Record Id": "zcrm_{m}", "Call Start Time": at(ISO), "Call Type": way("Inbound", "Outbound"), "Phone": who,
        "Call Duration": short, "Call Duration (in seconds)": seconds, "Subject": "Call",
    }, answers={"duration": "Call Duration (in seconds)", "duration_unit": "seconds"}),
    Export("Pipedrive, activities", {
        "Subject": "Call", "Type": "Call", "Due date": at("%Y-%m-%d"), "Due time": at("%H:%M"), "Person - Phone": who,
        "Duration": lambda c: f"{minutes_up(c) // 60:02}:{minutes_up(c) % 60:02}",
    }, moment=to_minute, seconds=by_minutes, answers={"duration_unit": "h:mm"}),
    Export("Teams, calls by telephone", {
        "Usage Id": "a-{m}", "Call Id": "b-{m}", "UPN": "sales@example.com", "User Display Name": "Sales",
        "Caller Id": lambda c: f"+1{caller(c)}", "Call Type": way("user_in", "user_out"), "Number Type": "User",
        "Destination Dialed": "US", "Destination Number": lambda c: f"+1{called(c)}",
        "Start Time": lambda c: f"{utc(c):%Y-%m-%dT%H:%M:%S}.1234567Z", "End Time":
        lambda c: f"{utc(c) + timedelta(seconds=c.seconds):%Y-%m-%dT%H:%M:%S}.1234567Z", "Duration Seconds": seconds,
        "Charge": "0", "Currency": "USD",
    }, answers=BERLIN),
    Export("Zoom Phone", {
        "Call ID": "99{m}", "Direction": way("Inbound", "Outbound"), "Caller Number": caller, "Callee Number": called,
        "Start Time": at("%b %d, %Y %I:%M:%S %p"), "Call Duration": clock, "Result": "Call connected",
    }),
    Export("FRITZ!Box", {
        "Typ": way("1", "3"), "Datum": at("%d.%m.%y %H:%M"), "Name": "", "Rufnummer": who, "Nebenstelle": "Telefon",
        "Eigene Rufnummer": f"Internet: {OWN}", "Dauer": hours_and_minutes,
    }, before="sep=;\r\n", delimiter=";", moment=to_minute, seconds=by_minutes,
        answers={"duration_unit": "h:mm", "contact": "Rufnummer"}),
    Export("sipgate", {
        "Datum": at("%d.%m.%Y %H:%M:%S"), "Richtung": way("eingehend", "ausgehend"), "Von": caller, "Nach": called,
        "Dauer": seconds, "Status": "angenommen",
    }, delimiter=";", answers={"duration_unit": "seconds"}),
    Export("STARFACE", {
        "Start": at("%d.%m.%Y %H:%M:%S"), "Ende": end("%d.%m.%Y %H:%M:%S"), "Anrufer": caller, "Angerufener": called,
        "Richtung": way("eingehend", "ausgehend"),
    }, delimiter=";"),
    Export("CallRail", {
        "Call Status": "Answered", "Number Name": "Website", "Tracking Number": OWN, "Name": "", "Phone Number": who,
        "Duration (seconds)": seconds, "Start Time": at(ISO + " -0500"),
    }, answers={"contact": "Phone Number"}),
    Export("Genesys Cloud", {
        "Full Export Completed": "YES", "Users": "Sales", "Remote": who, "Date": at("%m/%d/%y %I:%M %p"),
        "Duration": lambda c: c.seconds * 1000, "Direction": way("Inbound", "Outbound"), "DNIS": called, "ANI": caller,
        "Conversation ID": "c0-{m}",
    }, moment=to_minute, answers={"duration_unit": "milliseconds", "contact": "Remote", "caller": "none", "called": "none",
                                  "direction": "none"}),
    Export("Five9", {
        "CALL ID": "3000{m}", "DATE": at("%Y/%m/%d"), "TIME": at("%H:%M:%S"), "CALL TYPE": way("Inbound", "Manual"), "DNIS": called,
        "ANI": caller, "TALK TIME": clock, "CALL TIME": lambda c: clock(Call("", c.start, c.seconds + 9, True)),
    }, answers={"duration": "TALK TIME", "own": OWN}),
    Export("Talkdesk", {
        "Interaction ID": "t{m}", "Call Type": way("inbound", "outbound"), "Start Time": at("%d-%m-%Y %H:%M:%S"),
        "End Time": end("%d-%m-%Y %H:%M:%S"), "Talkdesk Phone Number": OWN, "Customer Phone Number": who, "Talk Time": clock,
    }),
    Export("T-Mobile US, bill", {
        "Date": at("%m/%d/%Y"), "Time": half_past, "Destination": "Incoming", "Number": who, "Min.": minutes_up, "Type": "-",
        "Charges": "$0.00",
    }, moment=to_minute, seconds=by_minutes),
    Export("Verizon, bill", {
        "Date": at("%m/%d/%Y"), "Time": lambda c: f"{c.start:%I:%M}{'A' if c.start.hour < 12 else 'P'}", "Number": who,
        "Origination": "Albany NY", "Destination": "Incoming", "Min": minutes_up, "Airtime Charges": "--",
    }, moment=to_minute, seconds=by_minutes),
    Export("Windows file times", {
        "start": lambda c: since(datetime(1601, 1, 1, tzinfo=UTC), 10_000_000)(c), "number": who, "seconds": seconds,
    }, answers=BERLIN),
    Export("nanoseconds since 1970", {"timestamp": since(UNIX, 1_000_000_000), "number": who, "seconds": seconds}, answers=BERLIN),
]  # fmt: skip


def nested(log: Sequence[Call]) -> bytes:
    """Return a list of calls with both sides as objects, between objects about the list, as interfaces of the web answer."""
    records = [
        {
            "id": f"x{n}", "direction": "Inbound" if c.incoming else "Outbound", "from": {"phoneNumber": caller(c), "name": None},
            "to": {"phoneNumber": called(c)}, "startTime": f"{utc(c):%Y-%m-%dT%H:%M:%S}.000Z", "duration": c.seconds,
            "legs": [{"duration": c.seconds}],
        }
        for n, c in enumerate(log)
    ]  # fmt: skip
    return json.dumps({"uri": "https://example", "records": records, "paging": {"page": 1, "perPage": 100}}).encode()
