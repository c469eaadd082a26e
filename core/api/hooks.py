"""The hooks a plugin may implement. Each collects frozen declarations, or tells of an event; all are optional.

A plugin is a module (or object) with functions of these names, marked ``@hookimpl``. Hooks that collect return an
iterable; the host decides when to use what they declare.
"""

from collections.abc import Iterable

import pluggy

from core.api.animations import Animation
from core.api.effects import Effect
from core.api.encoders import Encoder
from core.api.events import PluginFault, RenderFinished
from core.api.providers import AssetProvider
from core.api.storage import StorageBackend
from core.api.transitions import Transition

PROJECT = "reelhouse"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """All hooks, one per kind of contribution, then the events."""

    @hookspec
    def reelhouse_asset_providers(self) -> Iterable[AssetProvider]:
        """Declare asset providers.

        ::

            @hookimpl
            def reelhouse_asset_providers():
                yield AssetProvider(id="acme.stock", title="Acme stock", kinds=frozenset({AssetKind.IMAGE}), open=Acme)
        """
        raise NotImplementedError

    @hookspec
    def reelhouse_effects(self) -> Iterable[Effect]:
        """Declare effects.

        ::

            @hookimpl
            def reelhouse_effects():
                kernel = RgbKernel(lambda rgb, values, moment: 255 - rgb)
                yield Effect(id="acme.negative", title="Negative", kernel=kernel)
        """
        raise NotImplementedError

    @hookspec
    def reelhouse_transitions(self) -> Iterable[Transition]:
        """Declare transitions.

        ::

            def cut(before, after, out, progress, values, moment):
                shown = before if progress < 0.5 else after
                for (source, _), (target, _) in zip(shown.planes(), out.planes()):
                    target[:] = source


            @hookimpl
            def reelhouse_transitions():
                yield Transition(id="acme.cut", title="Cut", mix=cut)
        """
        raise NotImplementedError

    @hookspec
    def reelhouse_animations(self) -> Iterable[Animation]:
        """Declare enter and exit animations.

        ::

            @hookimpl
            def reelhouse_animations():
                yield Animation(id="acme.grow", title="Grow", pose=lambda presence, values: Pose(scale=presence))
        """
        raise NotImplementedError

    @hookspec
    def reelhouse_encoders(self) -> Iterable[Encoder]:
        """Declare encoders.

        ::

            @hookimpl
            def reelhouse_encoders():
                yield Encoder(
                    id="acme.ogg",
                    title="Ogg",
                    extension="ogg",
                    mime_type="audio/ogg",
                    container="ogg",
                    audio=AudioCodec(name="libopus"),
                )
        """
        raise NotImplementedError

    @hookspec
    def reelhouse_storage_backends(self) -> Iterable[StorageBackend]:
        """Declare storage backends.

        ::

            @hookimpl
            def reelhouse_storage_backends():
                yield StorageBackend(id="acme.cloud", title="Acme cloud", open=AcmeStorage)
        """
        raise NotImplementedError

    @hookspec
    def reelhouse_render_finished(self, event: RenderFinished) -> None:
        """Be told that a render ended.

        ::

            @hookimpl
            def reelhouse_render_finished(event):
                print(event.name, event.seconds)
        """

    @hookspec
    def reelhouse_fault(self, event: PluginFault) -> None:
        """Be told that a plugin misbehaved.

        ::

            @hookimpl
            def reelhouse_fault(event):
                print(event.plugin_id, event.cause)
        """
