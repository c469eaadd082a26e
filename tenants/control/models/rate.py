"""Rate counters: one number for each key that is limited. ``tenants.control.rate`` counts with them."""

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds


class RateCounter(Model):
    """The theoretical arrival time of GCRA for a key, in nanoseconds since 1970: whole numbers add up exactly."""

    key = fields.CharField(max_length=200, primary_key=True)
    theoretical_arrival = fields.BigIntField()

    class Meta:
        table = "rate_counters"
        indexes = (("theoretical_arrival",),)
        constraints = (holds("rate_counters", "arrival", '"theoretical_arrival" >= 0'),)
