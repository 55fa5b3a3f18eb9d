"""Forbidden tactics are found in many wordings, and plain advice is not taken for one."""

from __future__ import annotations

import pytest

from segkit.data.forbidden_tactics import FIELDS, NEVER, WHY, forbidden

PLANTED = {  # by rule, with a slash between two
    "vulnerability": """
        Write when he feels lonely. / Mention their loneliness. / Best for people who live alone / They have nobody to
        talk to. / She has no friends. / Use his divorce. / After a break-up they tip more. / Their breakup is a
        chance / Pick those in grief. / Good for the recently separated / Those with low self-esteem buy. / Look for
        insecure subscribers. / They are vulnerable at night. / Offer comfort for money. / He lost his job; be there.
        / Mention the debt. / Bring up a hard time / a rough patch is the moment / wait for their low point / Write
        when they are drunk / when she cannot sleep / They're depressed. / sad people answer / anxious ones /
        Emotional needs: unmet. / Their emotional state decides. / He is desperate. / in a crisis / addicted to it /
        needs validation / a weak moment / prone to stress / LONELY! / lone\u200bly / l\u00f3nely / They fear being
        left. / heart-broken subscribers
    """,
    "urgency": """
        Only today! / Just for tonight / Last chance to buy / Say that it's the final offer / now or never / Tell them
        to hurry. / Act now / Ask them to decide right now / buy it before midnight / The offer ends tonight / It
        expires in an hour / limited time / for a short time / Set a timer / Use a countdown / count-down / 24 hours
        left / before it is too late / before it's gone / Don't miss this / do not wait / Create a sense of urgency /
        urgent / time is running out / Flash sale / once-in-a-lifetime / one-time offer / the price goes up tomorrow /
        while it lasts / It will disappear. / fear of missing out / FOMO / weekend only / Give a deadline / impulsive
        buyers / unlock it today
    """,
    "scarcity": """
        Only 3 left / just two copies available / few pieces left / Limited edition / a limited number of spots /
        almost gone / nearly sold out / selling fast / It is running out / in short supply / It won't be offered again
        / will never come back / first come, first served / Make it look scarce. / exclusive access / Others are
        waiting for it / everyone wants it / high demand / get it before others / one of the last / a rare opportunity
        / last few places
    """,
    "pressure": """
        Keep asking / keep on sending offers / Ask again after a no / Even when they decline, offer another / after
        they refused / despite a refusal / They said no, try another price / Don't take no for an answer / No is not
        final / Overcome objections / Push harder / pushing them / Persist. / insist on it / wear them down / Offer it
        until they buy / Send it every hour / Remind them repeatedly / change his mind / talk her into it / Make them
        feel guilty / guilt / They owe you / Tell them you are disappointed / silent treatment / Ignore him until he
        pays / persuade them / manipulate / exploit this / take advantage of it / make him jealous / Never let them go
        / write until he gives in / If they opt out, write to them from another account / threaten to leave / use
        pressure / target those who pay
    """,
    "protected": """
        Older men pay more. / for young subscribers / elderly people / those over 60 / aged 30 to 40 / in his fifties
        / retired people / women first / Prefer males. / gay subscribers / Catholics tip / Muslim holidays /
        foreigners / by nationality / of Asian origin / immigrants / disabled people / mental health / married men /
        single mothers / relationship status: single / widowers and wives / parents / pregnant / by religion / by race
        / health problems / poor neighbourhoods / teenagers / 80 year olds / conservatives
    """,
    "deceit": """
        Pretend to be in love. / Say that you miss him / Tell them you love them / make him believe it / fake a photo
        / lie about it / Claim they are special / love-bomb them / a false name / invent a story / mislead / Let her
        think it is you / promise a meeting / soulmate / act as if you were her
    """,
    "means": """
        more than they can afford / on payday / when the salary comes / Suggest a loan / raise the credit limit /
        maximise their spending / Get the most from whales / Milk it / squeeze out more / spend everything / Upsell. /
        increase the purchases / use the bonus / gambling types / when he has money
    """,
}
PLAIN = (
    "Answer first: more of these pairs bought than of the others.",
    "A median of 34 messages in 3 conversations.",
    "16 to 20 h (31 % of their messages, 19 % of all)",
    "Conversations are short: one clear answer at a time, without filling words.",
    "Silence of more than 9 days is unusual. One friendly word may be sent then, without an offer; after that, wait for theirs.",
    "communication style: playful",
    "personality traits: curious",
    "purchase motivations: collecting",
    "Say what an offer holds and what it costs.",
    "The average message has nine words, and most come at a weekend.",
    "Language and images: as they use them.",
    "Managers and packages, storage and usage; menace is none of them.",  # "age" and "men" are parts of words here
    "A graceful trace; the therapist; a classic; an illustration",
    "I'll answer when they'll write",
)


@pytest.mark.parametrize(
    ("rule", "text"), [(r, " ".join(t.split())) for r, texts in PLANTED.items() for t in texts.split("/")]
)
def test_a_planted_tactic_is_found(rule: str, text: str) -> None:
    assert rule in forbidden(text)
    assert rule in forbidden(f"Answer in turn. {text.upper()} They write in the evening.")


@pytest.mark.parametrize("text", PLAIN)
def test_plain_advice_is_not_forbidden(text: str) -> None:
    assert forbidden(text) == []


def test_every_rule_has_its_sentence_its_reason_and_planted_texts() -> None:
    assert list(PLANTED) == list(NEVER) == list(WHY)
    assert all(text.startswith("Never ") and text.endswith(".") for text in NEVER.values())
    assert all(why.endswith(".") for why in WHY.values())


def test_a_warning_matches_as_what_it_warns_of() -> None:
    """A pattern cannot tell "never" from "always", so that warnings are fixed sentences."""
    assert "pressure" in forbidden("Never ask again after a no.") and "urgency" in forbidden(
        "Do not invent a deadline."
    )


def test_fields_that_stand_for_protected_traits_are_not_told_of() -> None:
    every = {
        "age_indicators", "job_or_career", "location_hints", "relationship_status", "personality_traits", "emotional_needs",
        "purchase_motivations", "communication_style", "life_events",
    }  # fmt: skip
    assert set(FIELDS) < every
    assert not {
        "age_indicators",
        "relationship_status",
        "emotional_needs",
        "life_events",
        "job_or_career",
        "location_hints",
    } & set(FIELDS)
