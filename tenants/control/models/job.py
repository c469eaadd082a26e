"""Jobs: work that outlasts a request. ``tenants.control.jobs`` hands it out."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant
from tenants.control.models.words import word_field


class JobState(StrEnum):
    """Where a job stands. The last three are for good."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Model):
    """A piece of work for a tenant, or for the house where there is none.

    ``due`` is when it may begin; ``attempts`` counts how often it was begun, and names the lease that holds it: who
    was given the third attempt loses it to who is given the fourth. ``progress`` goes from 0 to 1.

    ``idempotency_key`` is who asked's own name for it: asked for again, it is the same job.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyNullableRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="jobs", on_delete=fields.RESTRICT, null=True
    )
    kind = fields.CharField(max_length=64)
    state = word_field(JobState, default=JobState.QUEUED)
    payload: dict[str, Any] = fields.JSONField(default=dict)
    due: datetime = MomentField()
    attempts = fields.IntField(default=0)
    max_attempts = fields.IntField(default=3)
    lease_until: datetime | None = MomentField(null=True)
    result: dict[str, Any] | None = fields.JSONField(null=True)
    error: str | None = fields.TextField(null=True)
    error_code = fields.CharField(max_length=64, default="")
    priority = fields.IntField(default=0)
    progress = fields.FloatField(default=0.0)
    message = fields.CharField(max_length=200, default="")
    idempotency_key = fields.CharField(max_length=200, null=True)
    created_by: UUID | None = fields.UUIDField(null=True)
    created: datetime = MomentField(auto_now_add=True)
    started: datetime | None = MomentField(null=True)
    ended: datetime | None = MomentField(null=True)

    tenant_id: UUID | None

    class Meta:
        table = "jobs"
        unique_together = (("tenant", "kind", "idempotency_key"),)
        indexes = (("state", "due"), ("state", "lease_until"), ("tenant_id", "created"))
        constraints = (
            one_of("jobs", "state", JobState),
            holds("jobs", "attempts", '"attempts" >= 0 AND "max_attempts" >= 1'),
            holds("jobs", "lease", """("state" = 'running') = ("lease_until" IS NOT NULL)"""),
            holds("jobs", "end", """("state" IN ('done', 'failed', 'cancelled')) = ("ended" IS NOT NULL)"""),
        )
