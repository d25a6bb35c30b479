"""News in any order, however often repeated, gives the same journeys, in web and on the page."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.hops import new_journeys
from tests.support.journeys import History, as_told, folded, histories, seen_at_ms
from tests.support.pages import Page
from web.journeys.journey import Change
from web.journeys.reads import Read
from web.journeys.spans import Span
from web.room.messages import hops_message


def in_any_order(spans: list[Span], reads: list[Read], chance: random.Random) -> list[Span | Read]:
    """Return the reads in order with the spans anywhere among them, some of them twice."""
    shuffled = spans + chance.choices(spans, k=3) if spans else []
    chance.shuffle(shuffled)
    news: list[Span | Read] = list(reads)
    for span in shuffled:
        news.insert(chance.randrange(len(news) + 1), span)
    return news


@given(histories(), st.randoms(use_true_random=False), st.data())
@settings(max_examples=300)
def test_any_order_and_repetition_give_the_same_journeys(
    history: History, chance: random.Random, data: st.DataObject
) -> None:
    lost = data.draw(st.sets(st.integers(0, len(history.spans) - 1), max_size=3))
    spans = [span for index, span in enumerate(history.spans) if index not in lost]
    expected = as_told(folded(*spans, *history.reads))

    journeys = folded(*in_any_order(spans, history.reads, chance))
    for read in history.reads:
        journeys.add_read(read)
    assert as_told(journeys) == expected


@given(histories())
@settings(max_examples=300)
def test_every_seen_event_was_really_shown_and_none_stays_unseen(history: History) -> None:
    found = seen_at_ms(folded(*history.spans, *history.reads))
    for event in history.events:
        asked = found[event.id]
        assert history.shown[asked] >= event.version
        truly_first = min(at for at, version in history.shown.items() if version >= event.version)
        distinct = history.shown[truly_first]
        states = [it.state for it in history.events if it.version < event.version]
        if history.events[distinct - 1].state not in [None, *states]:
            assert asked == truly_first


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_even_with_lost_spans_nothing_is_seen_before_it_was_shown(
    history: History, chance: random.Random
) -> None:
    versions = [span for span in history.spans if span.name == "process todo.projector"]
    spans = [
        span for span in history.spans if span not in chance.sample(versions, len(versions) // 2)
    ]
    for event_id, asked in seen_at_ms(folded(*spans, *history.reads)).items():
        assert history.shown[asked] >= int(event_id.rsplit("-", 1)[1])


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_a_page_that_joins_later_knows_the_same_journeys_as_one_already_open(
    history: History, chance: random.Random
) -> None:
    # With many spans lost, some `seen` hops turn out to be uncertain.
    spans = [span for span in history.spans if chance.random() < 0.6]
    news = in_any_order(spans, history.reads, chance)
    joins = chance.randrange(len(news))
    journeys, follows, unsent = new_journeys(), Page(), list[Change]()
    joined = Page()
    for index, each in enumerate(news):
        if index == joins:
            joined = Page(as_told(journeys).values())
        unsent += journeys.add_read(each) if isinstance(each, Read) else journeys.add_span(each)
        if chance.random() < 0.3 or each is news[-1]:
            message = hops_message(unsent, 0)
            follows.receive(message)
            if index >= joins:
                joined.receive(message)
            unsent = []
    assert follows.journeys() == as_told(journeys)
    assert joined.journeys() == as_told(journeys)
