"""Limits: what a plan's JSON may say, what of it is wrong and where, and what an administrator sets aside."""

import json

import pytest

from tenants.quotas.failures import LimitsInvalid, PictureTooLarge
from tenants.quotas.limits import LARGEST, Limits
from tenants.quotas.metrics import Metric

STUDIO = {
    "render_minutes": 600,
    "storage_bytes": 50 * 2**30,
    "api_calls": 10_000,
    "concurrent_renders": 2,
    "members": 5,
    "plugins": 3,
    "largest_picture": [1920, 1080],
}


def test_a_plans_limits_are_read_and_written_as_they_were() -> None:
    limits = Limits.parse(json.loads(json.dumps(STUDIO)))
    assert limits.render_minutes == 600
    assert limits.largest_picture == (1920, 1080)
    assert limits.as_json() == STUDIO
    assert Limits.parse(limits.as_json()) == limits


def test_what_is_missing_or_null_has_no_limit() -> None:
    limits = Limits.parse({"members": None, "api_calls": 0})
    assert limits == Limits(api_calls=0)
    assert [limits.of(metric) for metric in Metric] == [None, 0, None, None, None, None]


def test_each_metric_has_its_limit_in_its_own_unit() -> None:
    limits = Limits.parse(STUDIO)
    assert {metric: limits.of(metric) for metric in Metric} == {
        Metric.RENDER_SECONDS: 36_000,
        Metric.API_CALLS: 10_000,
        Metric.STORAGE_BYTES: 53_687_091_200,
        Metric.CONCURRENT_RENDERS: 2,
        Metric.MEMBERS: 5,
        Metric.PLUGINS: 3,
    }


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("render_minutes", -1, f"limits.render_minutes must be a whole number from 0 to {LARGEST}, or null, not -1"),
        ("members", 2.5, f"limits.members must be a whole number from 0 to {LARGEST}, or null, not 2.5"),
        ("members", True, f"limits.members must be a whole number from 0 to {LARGEST}, or null, not True"),
        ("plugins", "3", f"limits.plugins must be a whole number from 0 to {LARGEST}, or null, not '3'"),
        ("api_calls", 2**53, f"limits.api_calls must be a whole number from 0 to {LARGEST}, or null, not {2**53}"),
        ("largest_picture", 1920, "limits.largest_picture must be [width, height], or null, not 1920"),
        ("largest_picture", [1920], "limits.largest_picture must be [width, height], or null, not [1920]"),
        (
            "largest_picture",
            [1920, 0],
            "limits.largest_picture[1] must be a whole number of pixels from 2 to 65535, not 0",
        ),
        ("render_minuts", 5, 'limits.render_minuts is an unknown limit, did you mean "render_minutes"?'),
    ],
)
def test_what_is_wrong_is_told_with_its_path(name: str, value: object, complaint: str) -> None:
    with pytest.raises(LimitsInvalid) as caught:
        Limits.parse({**STUDIO, name: value})
    assert str(caught.value) == complaint


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(LimitsInvalid) as caught:
        Limits.parse({"members": -1, "largest_picture": [0, 0], "seats": 4})
    paths = [complaint.path for complaint in caught.value.complaints]
    assert paths == ["limits.members", "limits.largest_picture[0]", "limits.largest_picture[1]", "limits.seats"]


@pytest.mark.parametrize("given", [None, [], "unlimited", 7])
def test_limits_that_are_no_object_are_refused(given: object) -> None:
    with pytest.raises(LimitsInvalid, match=r"^limits must be an object"):
        Limits.parse(given)


def test_an_administrators_word_replaces_what_it_names_and_null_lifts_a_limit() -> None:
    limits = Limits.parse(STUDIO).overridden({"members": 50, "render_minutes": None})
    assert limits == Limits.parse({**STUDIO, "members": 50, "render_minutes": None})
    with pytest.raises(LimitsInvalid, match=r"^override\.members must be"):
        limits.overridden({"members": "many"})


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920), (1440, 1080), (2, 2)])
def test_a_picture_within_the_limit_passes_whichever_way_it_is_turned(width: int, height: int) -> None:
    Limits.parse(STUDIO).check_picture(width, height)
    Limits().check_picture(65_535, 65_535)


@pytest.mark.parametrize(("width", "height"), [(1922, 1080), (1920, 1082), (1082, 1922), (1440, 1440)])
def test_a_picture_beyond_the_limit_is_refused_with_both_sizes(width: int, height: int) -> None:
    with pytest.raises(PictureTooLarge) as caught:
        Limits.parse(STUDIO).check_picture(width, height)
    assert (caught.value.asked, caught.value.limit) == ((width, height), (1920, 1080))
    assert str(caught.value) == f"{width}×{height} is larger than 1920×1080, the largest picture of the plan"
