"""Inputs of studies that are not of one amount: leads, prospects, sales by market, and messages."""

from __future__ import annotations

from .role import NAME, Contract, Kind, Role
from .vocabulary import Vocabulary

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
        NAME,
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
_CHAT: tuple[tuple[str, Kind, bool, str, str, str], ...] = (
    ("subscriber", "identifier", True, "the number of the subscriber", "fan_id|subscriber_id|customer_id|user_id|sender|from",
     "fan subscriber abonnent suscriptor assinante abonne abonnee"),
    ("account", "identifier", True, "the account that is written to",
     "model_name|account|account_id|creator|channel_id|receiver|recipient|to", "account konto cuenta conta compte creator"),
    ("time", "moment", True, "the moment of the message", "datetime|timestamp|sent_at|created_at|unix_time|time|date",
     "datetime timestamp zeitstempel horodatage marcatemporal tijdstempel"),
    ("staff", "identifier", False, "the person who answers", "chatter_name|agent|agent_id|operator", "chatter agent operator"),
    ("inbound", "text", False, "what the subscriber wrote", "fan_message|inbound|subscriber_message|customer_message", ""),
    ("outbound", "text", False, "what the account wrote", "chatter_message|outbound|reply|agent_message", ""),
    ("price", "money", False, "the price of an offer", "price|offer_price", "price preis prix precio preco prijs"),
    ("purchased", "flag", False, "whether the offer was bought", "purchased|bought|is_purchased", "purchased bought achete"),
    ("tips", "money", False, "the tips", "tips|tip|tip_amount", "tips tip trinkgeld pourboire propina gorjeta fooi"),
    ("revenue", "money", False, "the revenue", "revenue|total|amount", "revenue umsatz recette ingresos receita omzet"),
)  # fmt: skip
MESSAGES = Contract(
    study="conversations",
    roles=tuple(
        Role(name, kind, f"Which column has {what}?", strong, required=need, aliases=tuple(aliases.split("|")))
        for name, kind, need, what, aliases, strong in _CHAT
    ),
    terms=Vocabulary(
        unit="pair", units="pairs", who="that", event="message", events="messages", do="write", does="writes", did="wrote",
        amount="revenue", approach="write", approached="written to", approaching="writing", record="log",
        roles=(
            ("subscriber", "number of the subscriber"), ("account", "account that is written to"),
            ("staff", "name of the person who answers"), ("inbound", "text of the subscriber"),
            ("outbound", "text of the account"),
        ),
    ),
    timed=False,
)  # fmt: skip
