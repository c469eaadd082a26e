"""The limits of a plan: read from its JSON, checked whole, and set aside for one tenant where an administrator does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from core.api import InvalidInput, did_you_mean
from tenants.quotas.failures import LimitsInvalid, PictureTooLarge
from tenants.quotas.metrics import Metric

LARGEST = 2**53 - 1
"""What every reader of JSON reads exactly (RFC 8259, section 6)."""
MOST_PIXELS = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a tenant may use; None is without limit.

    ``render_minutes`` and ``api_calls`` a calendar month, the others at any time. ``largest_picture`` is width and
    height in pixels, upright or lying. ``plugins`` counts those that a tenant turns on beside the house's defaults.
    """

    render_minutes: int | None = None
    storage_bytes: int | None = None
    api_calls: int | None = None
    concurrent_renders: int | None = None
    members: int | None = None
    plugins: int | None = None
    largest_picture: tuple[int, int] | None = None

    @classmethod
    def parse(cls, given: object, *, path: str = "limits") -> Self:
        """Read a plan's limits; raise ``LimitsInvalid`` with everything that is wrong and its path.

        JSON like ``{"render_minutes": 600, "largest_picture": [1920, 1080]}``; what is missing or null has no limit.
        """
        return replace(cls(), **_parsed(given, path))

    def overridden(self, given: object, *, path: str = "override") -> Self:
        """Return these limits with those that an administrator set for one tenant; null there lifts a limit."""
        return replace(self, **_parsed(given, path))

    def of(self, metric: Metric) -> int | None:
        """Return the limit of a metric, in its unit."""
        match metric:
            case Metric.RENDER_SECONDS:
                return None if self.render_minutes is None else self.render_minutes * 60
            case Metric.API_CALLS:
                return self.api_calls
            case Metric.STORAGE_BYTES:
                return self.storage_bytes
            case Metric.CONCURRENT_RENDERS:
                return self.concurrent_renders
            case Metric.MEMBERS:
                return self.members
            case Metric.PLUGINS:
                return self.plugins

    def check_picture(self, width: int, height: int) -> None:
        """Raise ``PictureTooLarge`` for more pixels than allowed, whichever way the picture is turned."""
        limit = self.largest_picture
        if limit is not None and (max(width, height) > max(limit) or min(width, height) > min(limit)):
            raise PictureTooLarge(asked=(width, height), limit=limit)

    def as_json(self) -> dict[str, int | list[int] | None]:
        """Return what ``parse`` reads, with every key."""
        listed = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in listed.items()}


_NAMES = tuple(each.name for each in fields(Limits))


def _parsed(given: object, path: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise LimitsInvalid([InvalidInput(f"must be an object, not {given!r:.60}", path=path)])
    complaints = tuple(_complaints(given, path))
    if complaints:
        raise LimitsInvalid(complaints)
    return {name: (value[0], value[1]) if isinstance(value, list) else value for name, value in given.items()}


def _complaints(given: Mapping[object, object], path: str) -> Iterator[InvalidInput]:
    for name, value in given.items():
        where = f"{path}.{name}"
        if name not in _NAMES:
            yield InvalidInput(f"is an unknown limit{did_you_mean(name, _NAMES)}", path=where)
        elif value is None:
            continue
        elif name != "largest_picture":
            if not _is_whole(value, 0, LARGEST):
                yield InvalidInput(
                    f"must be a whole number from 0 to {LARGEST}, or null, not {value!r:.60}", path=where
                )
        elif not isinstance(value, list) or len(value) != 2:
            yield InvalidInput(f"must be [width, height], or null, not {value!r:.60}", path=where)
        else:
            for side, number in enumerate(value):
                if not _is_whole(number, 2, MOST_PIXELS):
                    message = f"must be a whole number of pixels from 2 to {MOST_PIXELS}, not {number!r:.60}"
                    yield InvalidInput(message, path=f"{where}[{side}]")


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
