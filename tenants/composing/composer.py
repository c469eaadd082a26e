"""The composer: writes, speaks and finds what one timeline is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from core.api import AssetKind, AssetProvider, MediaError, NotFound, NotReady, ReelhouseError
from core.host.kinds import Kind
from core.render.opening import open_workshop
from core.render.probing import Prober
from tenants.composing.documents import Shot, document_of, made_picture, seconds_of
from tenants.composing.finding import Finder, providers_to_ask
from tenants.composing.request import ComposeRequest, Shape
from tenants.composing.scripts import Scene, scenes_of
from tenants.composing.speaking import Speaker
from tenants.composing.writing import look_at, write_scenes
from tenants.jobs.kinds import Running
from tenants.plugin_sets.view import TenantPlugins
from tenants.studio.importing import ImportPayload, import_asset
from tenants.studio.services import Studio

_TRIED = 3
"""How many pictures are brought for a scene before the generator makes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """What a timeline is composed with. ``notes`` say what was not to be had, for people to read.

    What it brings into the library lies there under ids that the job gives: begun again, it brings nothing twice.
    """

    at: Studio
    running: Running[Any]
    asked: ComposeRequest
    title: str
    view: TenantPlugins
    folder: Path
    notes: list[str] = field(default_factory=list)

    async def compose(self) -> dict[str, Any]:
        """Return the timeline. Raise what the speaker and the writer raise, and ``QuotaExceeded``."""
        self.running.progress(0.02, "writing")
        scenes = await self._written()
        shots = await self._spoken(scenes)
        finder = Finder(
            view=self.view,
            providers=providers_to_ask(self.view, self.asked.pictures),
            is_commercial=self.asked.commercial,
            is_portrait=self.asked.shape is Shape.PORTRAIT,
        )
        seen = []
        for number, shot in enumerate(shots):
            self.running.progress(0.5 + 0.45 * number / len(shots), "looking for pictures")
            seen.append(await self._seen(finder, shot, number))
        self.notes.extend(finder.notes)
        return document_of(self.asked, seen, title=self.title)

    async def _written(self) -> tuple[Scene, ...]:
        asked = self.asked
        if asked.topic:
            return await write_scenes(self.view, asked.writer, asked.topic, language=asked.language)
        scenes = scenes_of(asked.script)
        if asked.writer:
            try:
                return await look_at(self.view, asked.writer, scenes, language=asked.language)
            except ReelhouseError as err:  # the script is there: it is shown less well, not less
                self.notes.append(f"{asked.writer}: {err}")
        return scenes

    async def _spoken(self, scenes: Sequence[Scene]) -> list[Shot]:
        asked = self.asked
        if not asked.speaker:
            return [Shot(scene=scene, seconds=seconds_of(scene, None)) for scene in scenes]
        shots = []
        with open_workshop(self.at.home, owner=str(self.running.tenant), workers=1) as workshop:
            # Piper's usual voice speaks English; for other languages there is one by its code.
            usual = asked.language if asked.speaker == "voice" and not asked.language.startswith("en") else ""
            probe = Prober(workshop.station).probe
            speaker = Speaker(view=self.view, provider=asked.speaker, voice=asked.voice or usual, probe=probe)
            for number, scene in enumerate(scenes):
                self.running.progress(0.1 + 0.4 * number / len(scenes), "speaking")
                speech = await speaker.speak(scene.text, self.folder / f"speech-{number}")
                src = f"provider:{speech.provider}/{speech.asset_id}"
                if not self._providers[speech.provider].is_deterministic:
                    src = await self._brought(f"voice-{number}", speech.provider, speech.asset_id, scene.text)
                seconds = seconds_of(scene, speech.seconds)
                shots.append(Shot(scene=scene, seconds=seconds, voice=src, lines=speech.lines))
        return shots

    async def _seen(self, finder: Finder, shot: Shot, number: int) -> Shot:
        tried = 0
        async for found in finder.find(shot.scene.wanted, shot.seconds):
            finder.take(found)
            try:
                src = await self._brought(
                    f"picture-{number}-{tried}", found.provider, found.offer.id, found.offer.title
                )
            except (MediaError, NotFound, NotReady) as err:
                finder.notes.append(f"{found.provider}: {err}")
                tried += 1
                if tried == _TRIED:
                    break
            else:
                return replace(shot, src=src, kind=found.offer.kind)
        if "generator" not in self._providers:
            return shot
        return replace(
            shot, src=made_picture(number, shot.scene.wanted, shot.seconds, self.asked.shape), kind=AssetKind.VIDEO
        )

    async def _brought(self, name: str, provider: str, asset_id: str, title: str) -> str:
        """Take something into the library, once; return what a timeline names it by."""
        wanted = ImportPayload(
            asset=uuid5(self.running.job, name),
            provider=provider,
            provider_id=asset_id,
            title=title[:300],
            folder=self.title,
        )
        job = uuid5(self.running.job, f"bringing {name}")
        await import_asset(self.at, _Bringing(job=job, tenant=self.running.tenant, payload=wanted))
        return f"asset:{wanted.asset}"

    @property
    def _providers(self) -> Mapping[str, AssetProvider]:
        return self.view.catalogue(kinds=[Kind.ASSET_PROVIDERS]).providers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bringing[Payload: BaseModel]:
    """An import within the job, as ``tenants.jobs.kinds.Running`` has it."""

    job: UUID
    tenant: UUID
    payload: Payload
    attempt: int = 1

    def progress(self, fraction: float, message: str = "") -> None:
        """The job tells of itself."""
