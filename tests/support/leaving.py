"""A house with two tenants who own something of everything, one of whom will leave."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from core.api import AssetKind, Storage
from plugins.storage.local.store import LocalStorage
from tenants.control.events import publish
from tenants.control.jobs import enqueue
from tenants.control.memberships import add_member
from tenants.control.models.api_token import ApiToken
from tenants.control.models.membership import Membership, Role
from tenants.control.models.object import StoredObject
from tenants.control.models.one_time_token import OneTimeToken, Purpose
from tenants.control.models.plan import Plan
from tenants.control.models.plugin import PluginChoice
from tenants.control.models.quota import QuotaEntry, QuotaTotal
from tenants.control.models.subscription import Subscription, SubscriptionState
from tenants.control.models.user import User
from tenants.house.house import House, open_house
from tenants.house.settings import DATABASE_VARIABLE, HouseSettings
from tenants.keys import BlobSealer
from tenants.keys.signing import Signer, open_signer
from tenants.leaving.confirming import confirm
from tenants.leaving.erasing import erase_tenant
from tenants.vault.api_keys.keeping import add_key
from tenants.vault.models.asset import Asset
from tenants.vault.models.notification import Notification
from tenants.vault.models.plugin_config import PluginConfig
from tenants.vault.models.project import Project, Revision
from tenants.vault.models.setting import Setting
from tenants.vault.models.share import Share
from tenants.vault.models.template import Template
from tenants.vault.models.usage import UsageEvent
from tenants.vault.models.video import Video, VideoStatus
from tenants.vault.models.webhook import Delivery, Webhook
from tenants.vault.scope import scope
from tenants.vault.secrets import secret_write

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACTOR = "test"
SECRET = "sk-canary-of-acme-0123456789"
MEDIA = bytes(range(256)) * 700  # more than two chunks of a sealed file


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """An open house, its storage and its signer."""

    house: House
    stores: Mapping[str, Storage]
    signer: Signer

    async def tenant(self, slug: str) -> UUID:
        """Return a tenant's id."""
        return (await self.house.tenant(slug)).id

    async def confirmed(self, tenant: UUID) -> str:
        """Return a word of the tenant's owner."""
        owner = await Membership.get(tenant_id=tenant, role=Role.OWNER)
        return await confirm(tenant, owner.user_id, signer=self.signer, now=NOW)

    async def erase(self, tenant: UUID, confirmation: str | None = None) -> str:
        """Erase a tenant, with what this house has."""
        return await erase_tenant(
            tenant,
            confirmation=confirmation,
            actor=ACTOR,
            keyring=self.house.keyring,
            vaults=self.house.vaults,
            stores=self.stores,
            home=self.house.settings.home,
            signer=self.signer,
            now=NOW,
        )


@asynccontextmanager
async def leaving(home: Path, *, database: str = "") -> AsyncIterator[Leaving]:
    """Open the house at ``home``, unsealed, with a store named ``local``; by default its database is a file there."""
    async with open_house(HouseSettings(home=home, environment={DATABASE_VARIABLE: database})) as house:
        await house.unseal()
        store = LocalStorage.open(home / "objects")
        signer = await open_signer(home / "signing.key", house.keyring)
        yield Leaving(house=house, stores={"local": store}, signer=signer)
        await store.close()


async def furnish(home: Path, *, database: str = "", files: int = 3) -> None:
    """Make ``acme`` with an owner, an editor who also belongs to ``other``, and some of everything; ``other`` too."""
    async with leaving(home, database=database) as place:
        acme = (await place.house.create_tenant("acme", "Acme Ltd", owner="ada@acme.example", actor=ACTOR)).id
        other = (await place.house.create_tenant("other", "Other", owner="bob@other.example", actor=ACTOR)).id
        bob = await User.get(email="bob@other.example")
        await add_member(acme, bob.id, Role.EDITOR, actor=ACTOR)
        for tenant, word in ((acme, "acme"), (other, "other")):
            await _fill(place, tenant, word, files=files)


async def _fill(place: Leaving, tenant: UUID, word: str, *, files: int) -> None:
    await enqueue("render", {"of": word}, tenant=tenant, now=NOW)
    plan = await Plan.all().first()
    assert plan is not None
    await Subscription.create(tenant_id=tenant, plan=plan, state=SubscriptionState.ACTIVE)
    await publish("greeting", {"word": word}, tenant=tenant, now=NOW)
    await ApiToken.create(
        user=await User.get(email__startswith="bob"),
        tenant_id=tenant,
        name=word,
        digest=word,
        scopes=[],
        networks=[],
        created=NOW,
        expires=NOW,
    )
    await OneTimeToken.create(
        purpose=Purpose.INVITE, tenant_id=tenant, digest=word, details={"email": word}, created=NOW, expires=NOW
    )
    await PluginChoice.create(tenant_id=tenant, plugin=f"plugin-of-{word}", enabled=True)
    await QuotaEntry.create(tenant_id=tenant, metric="storage", amount=1, reference=word, period="all")
    await QuotaTotal.create(tenant_id=tenant, metric="storage", period="all", used=1)
    async with scope(tenant):
        await add_key("stock", f"key of {word}", SECRET.replace("acme", word), now=NOW)
        async with secret_write() as writer:
            await PluginConfig.create(plugin="stock", config={"of": word}, key_version=writer.key_version)
            hook = await Webhook.create(
                url=f"https://{word}.example", events=[], key_version=writer.key_version, created=NOW
            )
        await Delivery.create(webhook=hook, event="video.ready", message=word, body={"word": word}, created=NOW)
        await Template.create(name=word, document={"word": word})
        project = await Project.create(name=f"../A film: {word}?", revision=2)
        for number in (1, 2):
            await Revision.create(project=project, number=number, document={"word": word, "number": number})
        await Setting.create(name="greeting", value=f"hello {word}")
        await Notification.create(kind="welcome", title=f"welcome {word}")
        await UsageEvent.create(metric="calls", amount=3, provider="stock")
        for number in range(files):
            stored = await store_file(place, tenant, f"{word}/{number}", MEDIA + str(number).encode())
            if number == 0:
                video = await Video.create(
                    project=project,
                    title="CON",
                    status=VideoStatus.READY,
                    storage_backend="local",
                    storage_key=stored.key,
                    media_type="video/mp4",
                    size=len(MEDIA) + 1,
                )
                await Share.create(video=video, digest=sha256(word.encode()).hexdigest(), created=NOW)
            else:
                await Asset.create(
                    kind=AssetKind.IMAGE,
                    title="../../etc/Passwd",
                    storage_backend="local",
                    storage_key=stored.key,
                    sha256="0" * 64,
                    size=len(MEDIA) + 1,
                    media_type="image/png",
                    licence="CC-BY-4.0",
                    attribution=f"by {word}",
                )


async def store_file(place: Leaving, tenant: UUID, key: str, content: bytes) -> StoredObject:
    """Seal a file for a tenant and store it."""
    keys = await place.house.keyring.keys(tenant)
    file = uuid4()
    sealer = BlobSealer(key=keys.blob, key_version=keys.version, tenant=tenant, file=file)
    sealed = sealer.update(content) + sealer.finish()
    source = place.house.settings.home / "sealed.part"
    source.write_bytes(sealed)
    await place.stores["local"].put(key, source)
    source.unlink()
    return await StoredObject.create(
        id=file,
        tenant_id=tenant,
        backend="local",
        key=key,
        sha256=sha256(sealed).hexdigest(),
        size=len(sealed),
        purpose="media",
    )
