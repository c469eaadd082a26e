from datetime import UTC, datetime, timedelta, timezone

import pytest

from tenants.control.database import Control
from tenants.control.models.user import User

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EAST = timezone(timedelta(hours=5))


async def test_times_of_any_zone_are_kept_and_compared_in_utc(control: Control) -> None:
    await User.create(email="a@b", name="A", created=NOON.astimezone(EAST))
    await User.create(email="c@d", name="C", created=NOON + timedelta(microseconds=1))
    kept = [user.created for user in await User.filter(created__lte=NOON)]
    assert (kept, kept[0].utcoffset()) == ([NOON], timedelta(0))
    assert await User.filter(created__gt=NOON.astimezone(EAST)).count() == 1


async def test_a_time_without_a_zone_is_refused(control: Control) -> None:
    noon = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="created must have a time zone"):
        await User.create(email="a@b", name="A", created=noon)
    with pytest.raises(ValueError, match="created must have a time zone"):
        await User.filter(created__lte=noon)
    assert await User.all().count() == 0
