"""Inputs whose rows are events of units."""

from __future__ import annotations

from .role import NAME, Contract, Role
from .vocabulary import Vocabulary

_DATE = (
    "date datum fecha data datestamp timestamp datetime zeitstempel horodatage marcatemporal tijdstempel",
    "start started begin beginn debut inicio aanvang when created placed day dia tag jour calldate",
)
_TIME = ("time uhrzeit heure hora ora orario tijd tijdstip", "zeit clock starttime calltime oclock")
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

CALLS = Contract(
    study="contacts",
    roles=(
        Role("date", "moment", "Which column has the date of the call?", *_DATE, required=True, gate="timestamp"),
        Role("time", "time", "Which column has the time of day?", *_TIME, gate="timestamp"),
        Role(
            "duration", "duration", "Which column has the duration of the call?",
            "duration dauer duree duracion duracao durata duur gespraechsdauer gesprachsdauer gesprachszeit anrufdauer "
            "gespreksduur samtalstid billsec talktime",
            "seconds secs sec sekunden secondes segundos seconden minutes mins min minuten minutos talk length lange",
            gate="duration",
        ),
        Role(
            "end", "moment", "Which column has the end of the call?",
            "end ended endtime enddate ende endzeit beendet fin final termino fim einde fine hangup hungup finish finished",
            "stop stopped disconnect disconnected released", gate="duration",
        ),
        Role(
            "contact", "identifier", "Which column identifies the person at the other end?",
            "phone telephone telefon telefono telefone telefoon msisdn callee dialled dialed caller rufnummer "
            "telefonnummer phonenumber telefoonnummer mobile contact contacto contato kontakt",
            "number nummer numero no called customer client kunde cliente klant destination party cli tel id kundennummer "
            "customerid contactid clientid recipient remote",
            unlike="callid sessionid callsessionid lineid legid rowid recordid eventid entryid logid cdrid guid uuid uniqueid "
            "linkedid serial sequence seq lfd lfdnr laufnummer agent employee mitarbeiter extension nebenstelle",
            required=True, gate="identifier",
        ),
        Role(
            "caller", "identifier", "Which column has the number that calls?",
            "caller calling callerid callernumber callingnumber callingparty from source src origin anrufer anrufende "
            "von appelant emetteur llamante origen remitente chiamante chamador origem beller van anumber ani clid",
            "a number nummer party id phone",
            unlike="called callee dialled dialed destination dst to", gate="identifier",
        ),
        Role(
            "called", "identifier", "Which column has the number that is called?",
            "called callee callednumber calledparty dialled dialed dialledphonenumber to destination dest dst angerufen angerufene "
            "angerufener angerufenenummer ziel zielnummer an appele destinataire llamado destino chiamato destinatario chamado "
            "gebeld gebelde naar bestemming bnumber dnis recipient",
            "b number nummer party id phone",
            unlike="caller calling source src from", gate="identifier",
        ),
        Role(
            "direction", "text", "Which column says whether a call comes in or goes out?",
            "direction richtung anrufrichtung sens direccion sentido direcao direzione richting inout calldirection",
            "type typ tipo art kind calltype anrufart anruftyp way", gate="identifier",
        ),
        NAME,
        Role("category", "category", "Which column has a category of the contact?", *_CATEGORY, gate="identifier"),
        *_REDUNDANT,
    ),
    terms=Vocabulary(
        unit="contact", units="contacts", who="who", event="call", events="calls", do="call", does="calls", did="called",
        amount="talk time", amount_unit="seconds", have_amount="last", has_amount="lasts", large="long",
        approach="call", approached="called", approaching="calling", record="log",
        roles=(
            ("duration", "length of the call"), ("contact", "identifier of the contact"), ("caller", "number that calls"),
            ("called", "number that is called"), ("direction", "in or out"), ("name", "name of the contact"),
        ),
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
        NAME,
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
