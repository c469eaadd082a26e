"""Sessions that plugins open themselves: what they raise is attributed to the plugin."""

import av

from core.api import Catalogue, EncodeSession, Samples
from core.media.faults import blame

PLACE = "output.encoder"
"""Where a timeline names its encoder."""


class BlamedSession:
    """A plugin's session; whatever it raises beside Reelhouse's own errors becomes ``PluginFailed``."""

    def __init__(self, session: EncodeSession, encoder: str, catalogue: Catalogue) -> None:
        self._session = session
        self._encoder = encoder
        self._catalogue = catalogue

    def write_video(self, frame: av.VideoFrame) -> None:
        with blame(self._catalogue, self._encoder, PLACE):
            self._session.write_video(frame)

    def write_audio(self, samples: Samples) -> None:
        with blame(self._catalogue, self._encoder, PLACE):
            self._session.write_audio(samples)

    def close(self) -> None:
        with blame(self._catalogue, self._encoder, PLACE):
            self._session.close()

    def abort(self) -> None:
        with blame(self._catalogue, self._encoder, PLACE):
            self._session.abort()
