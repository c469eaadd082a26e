"""Finding: pictures and films for scenes, at the providers that a tenant has enabled, as far as their terms allow."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field

from core.api import AssetKind, AssetOffer, InvalidInput, PluginFailed, ReelhouseError, Search
from core.host.kinds import Kind
from tenants.plugin_sets.view import TenantPlugins

_LOOKED_AT = 12
"""How many offers of each kind are looked at."""
_MAKERS = frozenset({"generator", "library", "openai"})
"""What is not looked at unless it is named: it makes things instead of finding them, or has a folder of its own."""
_SEEN = (AssetKind.VIDEO, AssetKind.IMAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPicture:
    """A picture or film that fits a scene."""

    provider: str
    offer: AssetOffer


@dataclass(slots=True, kw_only=True)
class Finder:
    """Looks for pictures. A provider that fails once is not asked again; ``notes`` say why."""

    view: TenantPlugins
    providers: Sequence[str]
    is_commercial: bool
    is_portrait: bool
    notes: list[str] = field(default_factory=list)
    _used: set[tuple[str, str]] = field(default_factory=set)
    _out: set[str] = field(default_factory=set)

    async def find(self, wanted: str, seconds: float) -> AsyncIterator[FoundPicture]:
        """Yield what fits, the best first; what is taken is not found again."""
        for provider in self.providers:
            kinds = self.view.catalogue(kinds=[Kind.ASSET_PROVIDERS]).providers[provider].kinds
            for kind in _SEEN:
                if kind in kinds and provider not in self._out:
                    for offer in await self._offers(provider, wanted, kind, seconds):
                        yield FoundPicture(provider=provider, offer=offer)

    def take(self, found: FoundPicture) -> None:
        """Mark a picture as used."""
        self._used.add((found.provider, found.offer.id))

    async def _offers(self, provider: str, wanted: str, kind: AssetKind, seconds: float) -> list[AssetOffer]:
        try:
            opened = await self.view.open_provider(provider)
            try:
                page = await opened.search(Search(text=wanted, kind=kind, per_page=_LOOKED_AT))
            finally:
                await opened.close()
        except InvalidInput:
            return []  # these words are nothing to it
        except ReelhouseError as err:
            if isinstance(err, PluginFailed):
                self.view.record(err)
            self.notes.append(f"{provider}: {err}")
            self._out.add(provider)
            return []
        allowed = [each for each in page.offers if self._may(provider, each)]
        return sorted(allowed, key=lambda each: self._unfitness(each, seconds))

    def _may(self, provider: str, offer: AssetOffer) -> bool:
        flags = offer.licence.flags
        # A video made with it is an adaptation: what may not be changed may not be used.
        return (
            (provider, offer.id) not in self._used and "nd" not in flags and not (self.is_commercial and "nc" in flags)
        )

    def _unfitness(self, offer: AssetOffer, seconds: float) -> int:
        """Return how badly an offer fits: a wrong shape is worse than a film that ends early."""
        width, height = offer.width or 16, offer.height or 9
        is_wrong_way = (height > width) != self.is_portrait
        is_short = offer.kind is AssetKind.VIDEO and (offer.duration or seconds) < seconds * 0.6
        return 2 * is_wrong_way + is_short


def providers_to_ask(view: TenantPlugins, named: Collection[str]) -> tuple[str, ...]:
    """Return the providers that are looked at: those that are named, else all that find pictures.

    Raise ``InvalidInput`` for one that the tenant has not.
    """
    there = view.catalogue(kinds=[Kind.ASSET_PROVIDERS]).providers
    for index, each in enumerate(named):
        if each not in there or not there[each].kinds & set(_SEEN):
            raise InvalidInput(f'"{each}" is no provider of pictures here', path=f"pictures[{index}]")
    if named:
        return tuple(each for each in named if each != "generator")  # what is made comes last in any case
    return tuple(id_ for id_, each in there.items() if each.kinds & set(_SEEN) and id_ not in _MAKERS)
