"""What is metered: each metric with its unit, and whether it counts a month or tells what is held."""

from enum import StrEnum


class Metric(StrEnum):
    """What a plan limits by amount. The value is stored; amounts are whole numbers of the metric's unit."""

    RENDER_SECONDS = "render_seconds"
    """Seconds of finished video."""
    API_CALLS = "api_calls"
    STORAGE_BYTES = "storage_bytes"
    CONCURRENT_RENDERS = "concurrent_renders"
    MEMBERS = "members"
    PLUGINS = "plugins"
    """Those that a workspace turned on itself."""

    @property
    def is_gauge(self) -> bool:
        """True for what is held and can be given back; False for what is counted a month."""
        return self not in (Metric.RENDER_SECONDS, Metric.API_CALLS)

    @property
    def is_alerted(self) -> bool:
        """True where nearing the limit is news; the others are met at the very step that they refuse."""
        return self in (Metric.RENDER_SECONDS, Metric.API_CALLS, Metric.STORAGE_BYTES)

    @property
    def noun(self) -> str:
        """What people call it."""
        return "render time" if self is Metric.RENDER_SECONDS else self.value.removesuffix("_bytes").replace("_", " ")

    def told(self, amount: int) -> str:
        """Write an amount with its unit, as people read it."""
        match self:
            case Metric.RENDER_SECONDS:
                return f"{amount / 60:.1f}".removesuffix(".0") + " min"
            case Metric.STORAGE_BYTES:
                return _bytes(amount)
            case _:
                return f"{amount}"


def _bytes(amount: int) -> str:
    size, unit = float(amount), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"
