"""What a study asks of its input, declared once: reading, refusing, asking and the settings follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .vocabulary import Vocabulary

Kind = Literal["moment", "time", "duration", "money", "number", "category", "flag", "text", "identifier"]


@dataclass(frozen=True)
class Role:
    """What a column of the input is for.

    Parameters
    ----------
    name : str
        The key in the settings, and what messages call it.
    kind : str
        What its cells are.
    question : str
        What ``segkit init`` asks where the file cannot tell.
    strong, weak : str
        Words of headers that mean the role, in English, German, French, Spanish, Portuguese and Dutch; a strong one weighs
        more.
    unlike : str
        Words of headers that rule the role out.
    required : bool
    gate : str
        The gate of cells that are there and cannot be read; that of empty ones is ``missing``.
    aliases : tuple of str
        Headers of known exports that have the role whatever their case; the first one that a file has is taken.
    """

    name: str
    kind: Kind
    question: str
    strong: str = ""
    weak: str = ""
    unlike: str = ""
    required: bool = False
    gate: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """The columns of one study's input, and its nouns.

    Parameters
    ----------
    study : str
        The name of the study, and of its section of the settings.
    roles : tuple of Role
        In the order of settings and questions.
    terms : Vocabulary
    unit, amount : str
        The roles of who acts, and of how much an event adds up to; empty where nobody does: each row is a unit then.
    timed : bool
        Whether each event needs a time of day.
    """

    study: str
    roles: tuple[Role, ...]
    terms: Vocabulary
    unit: str = ""
    amount: str = ""
    timed: bool = True

    def __getitem__(self, name: str) -> Role:
        return next(role for role in self.roles if role.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all roles."""
        return tuple(role.name for role in self.roles)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the roles that each input has."""
        return tuple(role.name for role in self.roles if role.required)

    @property
    def events(self) -> bool:
        """Whether rows are events of units; else each row is a unit."""
        return bool(self.amount)

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates, in the order in which they are told of."""
        return ("missing", "identifier", "timestamp", self.amount) if self.events else ()

    @property
    def money(self) -> bool:
        """Whether events add up to money, in cents; else to seconds."""
        return self.events and self[self.amount].kind == "money"

    def section(self, part: str) -> str:
        """Return what a message calls a part of the settings.

        >>> CALLS.section("gates")
        '[contacts.gates]'
        """
        return f"[{self.study}.{part}]"


_DATE = (
    "date datum fecha data datestamp timestamp datetime zeitstempel horodatage marcatemporal tijdstempel",
    "start started begin beginn debut inicio aanvang when created placed day dia tag jour calldate",
)
_TIME = ("time uhrzeit heure hora tijd tijdstip", "zeit clock starttime calltime oclock")
_NAME = ("name nom nombre nome naam fullname vorname nachname", "person contactname customername label")
_CATEGORY = (
    "category kategorie categorie categoria tag label type typ tipo group gruppe groupe grupo",
    "art segment class klasse classe kind status",
)
_REDUNDANT = (
    Role(
        "weekday", "text", "Which column repeats the weekday?",
        "weekday wochentag dow weekdag dayname", "day tag jour dia dag semaine semana",
    ),
    Role("month", "text", "Which column repeats the month?", "month monat mois mes maand", "monthname"),
    Role("year", "number", "Which column repeats the year?", "year jahr annee ano jaar"),
)  # fmt: skip
_NAMED = "Which column has the person's name? It is never shown; its words are searched for on the finished pages."

CALLS = Contract(
    study="contacts",
    roles=(
        Role("date", "moment", "Which column has the date of the call?", *_DATE, required=True, gate="timestamp"),
        Role("time", "time", "Which column has the time of day?", *_TIME, gate="timestamp"),
        Role(
            "duration", "duration", "Which column has the duration of the call?",
            "duration dauer duree duracion duracao duur gespraechsdauer gesprachsdauer anrufdauer billsec talktime",
            "seconds secs sec sekunden secondes segundos seconden minutes mins min minuten minutos talk length lange",
            required=True, gate="duration",
        ),
        Role(
            "contact", "identifier", "Which column identifies the person at the other end?",
            "phone telephone telefon telefono telefone telefoon msisdn callee dialled dialed caller rufnummer "
            "telefonnummer phonenumber telefoonnummer mobile contact contacto contato kontakt",
            "number nummer numero no called customer client kunde cliente klant destination party cli tel id kundennummer "
            "customerid contactid clientid recipient remote",
            required=True, gate="identifier",
        ),
        Role("name", "text", _NAMED, *_NAME),
        Role("category", "category", "Which column has a category of the contact?", *_CATEGORY, gate="identifier"),
        *_REDUNDANT,
    ),
    terms=Vocabulary(
        unit="contact", units="contacts", who="who", event="call", events="calls", do="call", does="calls", did="called",
        amount="talk time", amount_unit="seconds", have_amount="last", has_amount="lasts", large="long",
        approach="call", approached="called", approaching="calling", record="log",
        roles=(("duration", "length of the call"), ("contact", "identifier of the contact"), ("name", "name of the contact")),
    ),
    unit="contact", amount="duration",
)  # fmt: skip

PURCHASES = Contract(
    study="customers",
    roles=(
        Role(
            "customer", "identifier", "Which column identifies the customer?",
            "customer client kunde kundennummer kundennr cliente klant klantnummer customerid customerno clientid buyer "
            "buyerid member memberid user userid acheteur kaufer comprador koper email mail",
            "id number nummer numero no nr account konto compte cuenta conta card phone telefon contact person party",
            required=True, gate="identifier",
        ),
        Role(
            "date", "moment", "Which column has the date of the purchase?", _DATE[0],
            _DATE[1] + " orderdate invoicedate purchasedate bestelldatum rechnungsdatum",
            required=True, gate="timestamp",
        ),
        Role("time", "time", "Which column has the time of day?", *_TIME, gate="timestamp"),
        Role(
            "amount", "money", "Which column has the amount that was paid?",
            "amount total revenue sales turnover betrag umsatz summe montant importe monto valor bedrag omzet price preis "
            "prix precio preco prijs spend spent subtotal grandtotal totalprice totalamount ordervalue",
            "usd eur gbp chf value sum gross net paid payment cost wert warenwert brutto netto",
            unlike="unit unitprice each stuck stuckpreis einzelpreis unitaire unitario tax vat mwst steuer discount rabatt "
            "remise shipping versand freight fee points",
            required=True, gate="amount",
        ),
        Role(
            "order", "identifier", "Which column has the number of the order?",
            "order orderid orderno ordernr ordernumber invoice invoiceno invoiceid invoicenumber receipt receiptno basket "
            "transaction transactionid bestellung bestellnummer bestellnr auftrag auftragsnummer rechnung rechnungsnummer "
            "beleg belegnummer commande facture ticket pedido factura fatura bestelling ordernummer factuur",
        ),
        Role(
            "items", "number", "Which column has the number of items?",
            "items quantity qty units pieces menge anzahl stuckzahl quantite cantidad quantidade aantal", gate="amount",
        ),
        Role("name", "text", _NAMED, *_NAME),
        Role(
            "category", "category", "Which column has a category of the purchase?", _CATEGORY[0],
            _CATEGORY[1] + " department warengruppe channel kanal country land pays pais", gate="identifier",
        ),
        *_REDUNDANT,
    ),
    terms=Vocabulary(
        unit="customer", units="customers", who="who", event="purchase", events="purchases", do="buy", does="buys",
        did="bought", amount="spending", have_amount="are worth", has_amount="is worth", approach="contact",
        approached="contacted", approaching="contacting", record="log",
        roles=(
            ("amount", "amount of the purchase"), ("customer", "identifier of the customer"), ("name", "name of the customer"),
            ("order", "number of the order"), ("items", "number of items"),
        ),
    ),
    unit="customer", amount="amount", timed=False,
)  # fmt: skip
LEADS = Contract(
    study="personas",
    roles=(
        Role(
            "outcome", "flag", "Which column says whether the lead converted (yes or no)?",
            "issale sale sold converted isconverted conversion outcome target y won iswon closedwon subscribed responded "
            "bought purchased venta esventa vendido vendida convertido resultado compro comprado verkauft konvertiert gekauft "
            "vendu vente converti achete venda comprou verkocht geconverteerd gekocht",
            "success result deal win flag label response",
            required=True,
        ),
        Role(
            "state", "category", "Which column has the state?", "state province bundesland estado provincia etat provincie",
            "region land location", unlike="status country pais pays",
        ),
        Role(
            "industry", "category", "Which column has the industry?",
            "industry sector industria branche vertical secteur setor bedrijfstak rubro", "business field market",
        ),
        Role(
            "job_title", "category", "Which column has the job title?",
            "jobtitle title job occupation position cargo puesto profesion ocupacion beruf berufsbezeichnung titel poste "
            "metier fonction profissao functie beroep", "role function funktion",
            unlike="description",
        ),
        Role(
            "education", "category", "Which column has the level of education?",
            "education educationlevel degree schooling educacion estudios escolaridad bildung bildungsabschluss diplome "
            "escolaridade educacao opleiding", "level school",
        ),
        Role(
            "age_range", "category", "Which column has the age?",
            "age agerange agegroup ageband edad rangoedad alter altersgruppe idade faixaetaria leeftijd", "range group band",
        ),
        Role(
            "experience", "category", "Which column has the years of experience?",
            "experience yearsofexperience yoe experiencia erfahrung berufserfahrung anciennete ervaring", "years anos jahre",
        ),
        Role("gender", "category", "Which column has the gender?", "gender sex sexo genero geschlecht genre sexe geslacht"),
        Role(
            "lead_source", "category", "Which column says where the lead came from?",
            "leadsource source utmsource channel origen fuente canal quelle herkunft kanal origem fonte bron",
            "lead medium campaign",
        ),
        Role(
            "id", "identifier", "Which column has the number of the lead?",
            "id leadid recordid contactid customerid clientid custnum uuid guid leadnumber",
            "lead number num nr no key nummer numero",
        ),
        Role("name", "text", _NAMED, *_NAME),
    ),
    terms=Vocabulary(
        unit="lead", units="leads", who="who", event="lead", events="leads", do="convert", does="converts", did="converted",
        amount="conversion", approach="contact", approached="contacted", approaching="contacting", record="file",
        roles=(("outcome", "whether the lead converted"), ("id", "number of the lead"), ("name", "name of the lead")),
    ),
    timed=False,
)  # fmt: skip
# Roles of an export of a CRM: what they are for, the headers of known exports, and words of other headers.
_COUNTS = "Which column counts "
_EXPORT: tuple[tuple[str, Kind, str, str, str], ...] = (
    ("id", "identifier", "Which column has the number of the prospect?", "Record ID|hs_object_id|record_id|id",
     "recordid contactid leadid uuid guid"),
    ("clicks_broadcast", "number", _COUNTS + "clicks on broadcasts?", "Broadcast Clicks|hs_social_num_broadcast_clicks", ""),
    ("clicks_linkedin", "number", _COUNTS + "clicks on LinkedIn?", "LinkedIn Clicks|hs_social_linkedin_clicks", ""),
    ("clicks_twitter", "number", _COUNTS + "clicks on Twitter?", "Twitter Clicks|hs_social_twitter_clicks", ""),
    ("clicks_facebook", "number", _COUNTS + "clicks on Facebook?", "Facebook Clicks|hs_social_facebook_clicks", ""),
    ("sessions", "number", _COUNTS + "sessions?", "Number of Sessions|hs_analytics_num_visits|num_sessions", "sessions visits"),
    ("pageviews", "number", _COUNTS + "pages that were viewed?",
     "Number of Pageviews|hs_analytics_num_page_views|num_pageviews", "pageviews"),
    ("forms", "number", _COUNTS + "forms that were submitted?",
     "Forms Submitted|Number of Form Submissions|num_unique_conversion_events|forms_submitted", "forms formularios"),
    ("original_source", "category", "Which column has the original source?",
     "Original Source|Original Traffic Source|hs_analytics_source|original_source", "originalsource leadsource firstsource"),
    *((f"original_{i}", "text", f"Which column has the drill-down {i} of the original source?",
       f"Original Source Drill-Down {i}|Original Traffic Source Drill-Down {i}|hs_analytics_source_data_{i}|"
       f"original_source_{i}", "") for i in (1, 2)),
    ("latest_source", "category", "Which column has the latest source?",
     "Latest Traffic Source|Latest Source|hs_latest_source|latest_source", "latestsource lastsource"),
    ("referrer", "text", "Which column has the site that referred last?",
     "Last Referring Site|hs_analytics_last_referrer|last_referrer", "referrer referringsite"),
    ("acquisition", "text", "Which column has the channel of acquisition?",
     "Canal de adquisicion|Canal de adquisición|acquisition_channel", "acquisitionchannel"),
    ("likelihood", "number", "Which column has the predicted likelihood to close?",
     "Likelihood to close|hs_predictivecontactscore|hs_predictivecontactscore_v2|likelihood_to_close", "likelihoodtoclose"),
    ("created", "moment", "Which column says when the prospect was created?", "Create Date|createdate|create_date",
     "createdat created creationdate fechadecreacion"),
    ("closed", "moment", "Which column says when the prospect closed?", "Close Date|closedate|close_date",
     "closedat closed fechadecierre"),
    ("stage", "category", "Which column has the stage of the prospect?", "Lifecycle Stage|lifecyclestage|lifecycle_stage",
     "lifecycle etapa"),
    ("owner", "text", "Which column has the owner? It is never shown.", "Contact owner|hubspot_owner_id", "owner propietario"),
    ("intake", "category", "Which column has the period of intake?", "intake_period|Intake Period|Periodo de ingreso",
     "intake ingreso"),
    ("first_online", "moment", "Which column says when the prospect was first seen online?",
     "Time First Seen|hs_analytics_first_timestamp", ""),
    ("first_offline", "moment", "Which column says when the prospect was first met offline?",
     "Date of first engagement|hs_sa_first_engagement_date", ""),
)  # fmt: skip
CRM = Contract(
    study="channels",
    roles=tuple(
        Role(name, kind, question, strong, required=name in ("id", "created"), aliases=tuple(aliases.split("|")))
        for name, kind, question, aliases, strong in _EXPORT
    ),
    terms=Vocabulary(
        unit="prospect", units="prospects", who="who", event="touch", events="touches", do="close", does="closes", did="closed",
        amount="closing", approach="contact", approached="contacted", approaching="contacting", record="export",
        roles=(("id", "number of the prospect"), ("created", "when the prospect was added"), ("owner", "owner of the prospect")),
    ),
    timed=False,
)  # fmt: skip
_SALES: tuple[tuple[str, Kind, bool, str], ...] = (
    ("order", "identifier", True, "the number of the order"), ("date", "moment", True, "the date of the order"),
    ("territory", "identifier", True, "the key of the territory"), ("customer", "identifier", True, "the key of the customer"),
    ("channel", "category", False, "the channel of the sale"), ("product", "identifier", False, "the key of the product"),
    ("quantity", "number", True, "how many pieces were sold"), ("discount", "number", False, "the discount, a share of the price"),
    ("revenue", "money", True, "the revenue"), ("region", "category", True, "the name of the territory"),
    ("country", "category", True, "the country of the territory"), ("group", "category", False, "the group of the territory"),
    ("subcategory", "category", False, "the subcategory of the product"),
    ("product_line", "category", False, "the line of the product"),
)  # fmt: skip
SALES = Contract(
    study="markets",
    roles=tuple(Role(name, kind, f"Which column has {what}?", required=need) for name, kind, need, what in _SALES),
    terms=Vocabulary(
        unit="market", units="markets", who="that", event="sale", events="sales", do="buy", does="buys", did="bought",
        amount="revenue", approach="plan", approached="planned", approaching="planning", record="warehouse",
        roles=(("customer", "key of the customer"), ("order", "number of the order")), fewest=1,
    ),
    timed=False,
)  # fmt: skip
CONTRACTS = {contract.study: contract for contract in (CALLS, PURCHASES, LEADS, CRM)}  # of one table
