"""Accounts: sessions, tokens, second factors, identities, and the keys of the house's own."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from tenants.control.models.house_key import KeyPurpose
from tenants.control.models.moment import MomentField
from tenants.control.models.one_time_token import Purpose


class Migration(migrations.Migration):
    dependencies = [("control", "0004_house")]

    operations = [
        ops.CreateModel(
            name="ApiToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "control.User", source_field="user_id", related_name="api_tokens", on_delete=OnDelete.CASCADE
                    ),
                ),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        related_name="api_tokens",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=100)),
                ("digest", fields.CharField(max_length=64)),
                ("scopes", fields.JSONField()),
                ("networks", fields.JSONField()),
                ("created", MomentField()),
                ("expires", MomentField()),
                ("last_used", MomentField(null=True)),
                ("revoked", MomentField(null=True)),
            ],
            options={
                "table": "api_tokens",
                "app": "control",
                "indexes": [Index(fields=["tenant_id", "created"]), Index(fields=["user_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HouseKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("purpose", fields.CharEnumField(description="", enum_type=KeyPurpose, max_length=32)),
                ("wrapped", fields.BinaryField()),
                ("master_id", fields.CharField(max_length=255)),
                ("created", MomentField()),
                ("retired", MomentField(null=True)),
            ],
            options={
                "table": "house_keys",
                "app": "control",
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdentityProvider",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("slug", fields.CharField(unique=True, max_length=63)),
                ("name", fields.CharField(max_length=100)),
                ("issuer", fields.CharField(unique=True, max_length=500)),
                ("client_id", fields.CharField(max_length=300)),
                ("secret", fields.BinaryField()),
                ("is_enabled", fields.BooleanField(default=True)),
                ("created", MomentField()),
            ],
            options={"table": "identity_providers", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Identity",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "provider",
                    fields.ForeignKeyField(
                        "control.IdentityProvider",
                        source_field="provider_id",
                        related_name="identities",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("subject", fields.CharField(max_length=255)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "control.User", source_field="user_id", related_name="identities", on_delete=OnDelete.CASCADE
                    ),
                ),
                ("created", MomentField()),
            ],
            options={
                "table": "identities",
                "app": "control",
                "indexes": [Index(fields=["user_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OneTimeToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("purpose", fields.CharEnumField(description="", enum_type=Purpose, max_length=32)),
                ("digest", fields.CharField(unique=True, max_length=64)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "control.User",
                        source_field="user_id",
                        null=True,
                        related_name="one_time_tokens",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        null=True,
                        related_name="one_time_tokens",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("details", fields.JSONField()),
                ("failed", fields.IntField(default=0)),
                ("created", MomentField()),
                ("expires", MomentField()),
                ("used", MomentField(null=True)),
            ],
            options={
                "table": "one_time_tokens",
                "app": "control",
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Passkey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "control.User", source_field="user_id", related_name="passkeys", on_delete=OnDelete.CASCADE
                    ),
                ),
                ("name", fields.CharField(max_length=100)),
                ("credential", fields.CharField(unique=True, max_length=1400)),
                ("public_key", fields.BinaryField()),
                ("sign_count", fields.BigIntField()),
                ("created", MomentField()),
                ("last_used", MomentField(null=True)),
            ],
            options={"table": "passkeys", "app": "control", "indexes": [Index(fields=["user_id"])], "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "control.User",
                        source_field="user_id",
                        related_name="recovery_codes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("digest", fields.CharField(max_length=64)),
                ("used", MomentField(null=True)),
            ],
            options={
                "table": "recovery_codes",
                "app": "control",
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "control.User", source_field="user_id", related_name="sessions", on_delete=OnDelete.CASCADE
                    ),
                ),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        null=True,
                        related_name="sessions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("digest", fields.CharField(null=True, unique=True, max_length=64)),
                ("methods", fields.JSONField()),
                ("address", fields.CharField(max_length=45)),
                ("agent", fields.CharField(max_length=300)),
                ("created", MomentField()),
                ("proven", MomentField()),
                ("seen", MomentField()),
                ("expires", MomentField()),
                ("revoked", MomentField(null=True)),
            ],
            options={
                "table": "sessions",
                "app": "control",
                "indexes": [Index(fields=["user_id", "revoked"]), Index(fields=["expires"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "session",
                    fields.ForeignKeyField(
                        "control.Session",
                        source_field="session_id",
                        related_name="refresh_tokens",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("created", MomentField()),
                ("used", MomentField(null=True)),
            ],
            options={
                "table": "refresh_tokens",
                "app": "control",
                "indexes": [Index(fields=["session_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TotpFactor",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "user",
                    fields.OneToOneField(
                        "control.User", source_field="user_id", related_name="totp", on_delete=OnDelete.CASCADE
                    ),
                ),
                ("seed", fields.BinaryField()),
                ("last_step", fields.BigIntField(default=0)),
                ("created", MomentField()),
                ("confirmed", MomentField(null=True)),
            ],
            options={"table": "totp_factors", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="HouseKey",
            constraint=CheckConstraint(check="\"purpose\" IN ('tokens', 'fields')", name="house_keys_purpose"),
        ),
        ops.AddConstraint(
            model_name="OneTimeToken",
            constraint=CheckConstraint(
                check="\"purpose\" IN ('register', 'reset_password', 'change_email', 'invite', 'second_factor', "
                "'passkey', 'openid')",
                name="one_time_tokens_purpose",
            ),
        ),
        ops.AddIndex(model_name="OneTimeToken", index=Index(fields=["expires"])),
        ops.AddIndex(model_name="OneTimeToken", index=Index(fields=["user_id", "purpose"])),
        ops.AddIndex(model_name="OneTimeToken", index=Index(fields=["tenant_id"])),
        ops.AddConstraint(model_name="Identity", constraint=UniqueConstraint(fields=("provider", "subject"))),
        ops.AddConstraint(model_name="RecoveryCode", constraint=UniqueConstraint(fields=("user", "digest"))),
        ops.AddField(
            model_name="Tenant",
            name="networks",
            field=fields.JSONField(null=True),
        ),
    ]
