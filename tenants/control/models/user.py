"""Users: people who sign in. What they may do lies in their memberships, and in ``house_role`` for those who run it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field


class HouseRole(StrEnum):
    """What someone may do for the whole house."""

    ADMIN = "admin"
    SUPPORT = "support"


class UserState(StrEnum):
    """A disabled user can't sign in; what is theirs stays."""

    ACTIVE = "active"
    DISABLED = "disabled"


class User(Model):
    """Someone who signs in. ``email`` is kept in the form of ``tenants.control.users.normal_email``."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    email = fields.CharField(max_length=254, unique=True)
    name = fields.CharField(max_length=200)
    password_hash = fields.CharField(max_length=255, null=True)
    locale = fields.CharField(max_length=35, default="en")
    house_role = word_field(HouseRole, null=True)
    state = word_field(UserState, default=UserState.ACTIVE)
    created: datetime = MomentField(auto_now_add=True)

    class Meta:
        table = "users"
        constraints = (
            holds("users", "email_lower", '"email" = lower("email")'),
            one_of("users", "house_role", HouseRole),
            one_of("users", "state", UserState),
        )
