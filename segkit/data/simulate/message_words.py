"""What made-up messages are written with: small talk by topic, cues of the fields of a profile, and what only looks like a cue.

Every text is invented and harmless. No person has a name; addresses and numbers are of ranges that belong to nobody
(example.com and example.org: RFC 2606; telephone numbers 555-0100 to 555-0199 are kept for fiction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

KNOWN = 0.65  # of the fields of a subscriber have a value
FIRST = 0.4  # of these have the first value of their field; the others share the rest alike


@dataclass(frozen=True)
class Topic:
    """Words of a topic: things, and verbs whose past is their participle; each list in one text, divided by strokes."""

    things: str
    verbs: str


TOPICS = {
    "cooking": Topic(
        "a tomato soup|a lemon cake|fresh pasta|a vegetable curry|sourdough bread|an apple pie|grilled fish|a bean stew",
        "cooked|baked|tried",
    ),
    "running": Topic(
        "the ten kilometre run|a hill session|the training plan|my stretching routine|a morning run|the half marathon",
        "finished|planned|logged",
    ),
    "travel": Topic(
        "the train along the coast|a weekend in the mountains|the island ferry|the old town|a hike by the lake|the museum tour",
        "enjoyed|planned|booked",
    ),
    "music": Topic(
        "the new jazz record|a guitar lesson|the choir concert|an old vinyl single|a piano piece|the festival line-up|a drum loop",
        "played|practised|listened to",
    ),
    "football": Topic(
        "the cup match|the late equaliser|the derby|the penalty shoot-out|the youth team game|the season opener|the away game",
        "watched|followed|missed",
    ),
    "garden": Topic(
        "the tomato plants|a row of herbs|the rose bed|the greenhouse|the compost heap|a cherry tree|the lawn",
        "watered|planted|trimmed",
    ),
    "films": Topic(
        "the space documentary|an old western|the detective series|a black and white comedy|the last episode|a film about sailing",
        "watched|finished|enjoyed",
    ),
    "work": Topic(
        "the project meeting|a long shift|the weekly report|the new schedule|a presentation|the stock count|the training course",
        "finished|prepared|survived",
    ),
    "photography": Topic(
        "the sunset pictures|a portrait lens|the photo walk|black and white prints|the bird pictures|a tripod|the street photos",
        "edited|collected|tried",
    ),
    "games": Topic(
        "the chess puzzle|a board game night|the card tournament|the racing game|a crossword|the strategy game|a quiz evening",
        "played|finished|enjoyed",
    ),
}
HOW = ("really well", "fine", "better than I thought", "quite slowly", "so so", "great")
WHEN = ("today", "yesterday", "this morning", "last weekend", "after lunch", "on my way home", "two days ago")
GREETINGS = ("hi", "hello", "hey there", "good morning", "good evening", "hello again")
INBOUND = (
    "I {did} {thing} {when}", "{when} I {did} {thing}, it went {how}", "have you ever {did} {thing}?",
    "could you send a photo of {thing}?", "do you have pictures of {thing}?", "what do you think about {thing}?",
    "still thinking about {thing}", "it went {how}", "how was your day?", "tell me more about {thing}",
    "I liked your post on {thing}", "that is good to hear", "yes, exactly", "maybe {when}, I am not sure",
)  # fmt: skip
QUESTIONS = ("what about you?", "how do you do that?", "why is that?", "which one do you like best?")
OUTBOUND = (
    "thanks for telling me, I {did} {thing} {when}", "what did you like most about {thing}?", "it went {how} for me as well",
    "I will take a picture of {thing} for you", "that sounds lovely", "hope your day goes {how}", "good to hear from you",
    "next I want to write about {thing}", "do you know a good place for {thing}?", "take your time, I am here in the evening",
)  # fmt: skip
OFFERS = (
    "there is a new album about {thing}, have a look if you like", "I put my notes and photos of {thing} into a set",
    "the set about {thing} is ready, whenever you like", "here are the long version and the pictures of {thing}",
)  # fmt: skip
BOUGHT = (
    "thanks, I got the set about {thing}", "just unlocked the album, {thing} looks great", "bought it, I enjoyed {thing}",
    "nice pictures of {thing}", "that was worth it",
)  # fmt: skip
# Field, value, ways to say it; the last way has none of the words by which a reader would look for it.
CUES: dict[str, dict[str, str]] = {
    "age_indicators": {
        "20s": "I am 24|I turned 26 this year|I was born when flip phones were new",
        "30s": "I am 34 by the way|I am in my thirties|I finished school about fifteen years ago",
        "40s": "I am 45|being in my forties is fine|I remember tapes in the car as a teenager",
        "50s": "I am 53 now|I turned 55 last year|half a century done and counting",
        "60s": "I am 64|in my sixties I have time for this|my grandchildren taught me this app",
    },
    "job_or_career": {
        "health": "I work as a nurse|I had a late shift at the hospital|the ward was busy again",
        "education": "I am a teacher|I teach maths at a school|I still have thirty essays to mark",
        "technology": "I work as a software developer|I am an engineer in IT|another day of fixing other people's code",
        "transport": "I drive a truck|I am a bus driver|twelve hours behind the wheel again",
        "trades": "I am an electrician|I work as a carpenter|my van is full of tools and sawdust",
        "office": "I work in an office|I am an accountant|the end of the quarter means tables and more tables",
        "retired": "I am retired|since my retirement I have more time|no more alarm clocks after forty years of them",
    },
    "location_hints": {
        "city": "I live in the city|I live downtown|my tram stops right below the window",
        "countryside": "I live in the countryside|we have a house in a village|the next shop is nine miles away",
        "coast": "I live by the sea|I have a flat on the coast|I hear the waves when I leave the window open",
        "mountains": "I live in the mountains|our valley is full of snow|the cable car is ten minutes from my door",
    },
    "relationship_status": {
        "single": "I am single|I live on my own and like it|table for one as usual",
        "partnered": "I have a girlfriend|my partner likes that too|we moved in together last spring",
        "married": "I am married|my wife says hello to the cat|our tenth anniversary is in June",
        "divorced": "I am divorced|since my divorce I cook more|my ex and I share the dog",
    },
    "personality_traits": {
        "outgoing": "I am quite outgoing|I love meeting people|I end up talking to everybody on the bus",
        "reserved": "I am a bit shy|I am more of an introvert|in groups I mostly listen",
        "humorous": "I like to joke|people say I am funny|my puns are terrible and I am proud of them",
        "curious": "I am curious about everything|I love learning new things|I read encyclopaedias for fun",
        "organised": "I am very organised|I plan everything|even my lists have lists",
    },
    "emotional_needs": {
        "relaxation": "I just want to relax|this helps me unwind|after a day like this I need to slow down",
        "encouragement": "I could use some encouragement|I need motivation for my training|tell me I can finish this plan",
        "recognition": "it is nice to be appreciated|I like it when you remember me|glad somebody noticed my work",
        "fun": "I am here for fun|I just want a laugh|anything silly makes my evening",
    },
    "purchase_motivations": {
        "collecting": "I collect all your albums|I want the complete series|one more for my shelf and number seven is still open",
        "support": "I want to support your work|happy to support a creator|you should be paid for what you do",
        "curiosity": "I bought it out of curiosity|just curious what is in it|I wondered what was behind the cover",
        "treat": "a little treat for myself|I treat myself on Fridays|payday, so something nice for me",
        "value": "that was a good deal|is there a discount?|I compare prices before I choose",
    },
    "communication_style": {
        "brief": "I keep it short|sorry for the short answers|few words, that is me",
        "chatty": "sorry for the long message|I talk too much, I know|once I start there is no end to it",
        "playful": "haha you got me|just teasing|guess what comes next",
        "formal": "I would like to thank you kindly|I remain with kind regards|may I ask you something, if it is convenient",
        "inquisitive": "I have a lot of questions|can I ask you something?|here comes the next thing I wonder about",
    },
    "life_events": {
        "new job": "I started a new job|I got the promotion|first week at the new desk",
        "move": "I just moved house|I am moving next month|boxes everywhere and no idea where the cups are",
        "birthday": "it is my birthday this week|we had a birthday party|one more candle on the cake",
        "holiday": "I am on holiday|we go on vacation soon|suitcase packed and out of office switched on",
        "pet": "I got a puppy|we adopted a cat|somebody with four paws sleeps on my sofa now",
    },
}
# What a search for words alone takes for a cue of the writer: denied, of somebody else, or in another meaning.
TRAPS = (
    "no, I am not a nurse, people always guess that", "my brother is a teacher", "I am not married", "my sister got a new job",
    "I never lived by the sea", "my neighbour is retired", "it is not my birthday", "nobody would call me shy",
    "I do not collect anything", "the hospital series was on again", "I am not 40 yet", "a friend of mine is divorced",
    "the single of that band is good", "the match was a good deal of running", "I am not in the city today",
)  # fmt: skip
IDENTIFIERS = {
    "email": "write me at {word}.{thing}{n}@example.com", "phone": "my number is 202-555-01{n}",
    "url": "see https://www.example.org/{word}/{thing}?p={n}", "handle": "I am @{word}_{thing}{n} there",
}  # fmt: skip
COLOURS = ("blue", "green", "amber", "silver", "coral", "olive")
OBJECTS = ("kettle", "lantern", "pebble", "bicycle", "teapot", "compass")


def draw_profiles(rng: np.random.Generator, subscribers: int) -> pd.DataFrame:
    """Draw the nine fields of each subscriber: one row each, an empty text where a field has no value."""
    fields = {}
    for field, values in CUES.items():
        chances = [FIRST, *[(1 - FIRST) / (len(values) - 1)] * (len(values) - 1)]
        value = rng.choice(list(values), subscribers, p=chances)
        fields[field] = np.where(rng.random(subscribers) < KNOWN, value, "")
    return pd.DataFrame(fields, dtype="str")
