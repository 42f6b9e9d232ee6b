"""What is told over Redis, and that nobody waits for it or fails without it."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.utils import timezone

from activity.live import news
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery
from tests.builders import make_comment, make_contact, make_user
from tests.contacts import outbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(redis_client: Any) -> Iterator[Callable[[], list[Any]]]:
    """Return a function that reads all that was told since the last time."""
    with redis_client.pubsub() as heard:
        heard.subscribe(news.CHANNEL)
        heard.get_message(timeout=30)

        def told() -> list[Any]:
            redis_client.publish(news.CHANNEL, b'"end"')
            messages = []
            while (message := heard.get_message(timeout=30)["data"]) != b'"end"':
                messages.append(orjson.loads(message))
            return messages

        yield told


def test_the_newest_event_of_each_contact_is_told(told: Callable[[], list[Any]]) -> None:
    amara, henrik = make_contact(), make_contact(given_name="Henrik")
    told()
    Contact.objects.filter(pk__in=[amara.pk, henrik.pk]).update(job_title="COO")
    newest = ActivityEvent.objects.newest_of_each([amara.pk, henrik.pk])
    assert told() == [[{str(pk): event.id for pk, event in newest.items()}, []]]


def test_whoever_may_have_lost_a_right_is_told(told: Callable[[], list[Any]]) -> None:
    mia = make_user(name="Mia")
    told()
    mia.assign_role("viewer")
    assert [[{}, [str(mia.pk)]]] == told()


def test_a_mail_on_its_way_is_told_though_it_is_no_event(told: Callable[[], list[Any]]) -> None:
    delivery = outbox.message()
    something = [{str(delivery.contact_id): 0}, []]
    told()
    delivery, _ = Delivery.claim(delivery.pk)
    assert told() == [something]
    delivery.postpone("Not now.")
    assert told() == [something]
    Delivery.objects.update(due_at=timezone.now())
    delivery, _ = Delivery.claim(delivery.pk)
    delivery.sent()
    delivery.delivered(timezone.now())
    assert told() == [something] * 3


def test_what_was_written_stays_written_while_redis_is_away(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    monkeypatch.setattr(news, "_away_until", 0.0)
    news._redis.cache_clear()
    amara = make_contact()
    make_comment(amara)
    assert amara.comments.count() == 1
    assert caplog.text.count("open pages learn later") == 1
    news._redis.cache_clear()
