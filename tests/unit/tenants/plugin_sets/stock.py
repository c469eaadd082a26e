"""The plugins that these tests install: one that draws, one that delivers and can be configured, one that listens."""

from pathlib import Path

from tests.support.distributions import negative, write_plugin

STOCK = """
from core.api import *

class Stock:
    def __init__(self, context):
        self.context = context

    async def search(self, search):
        if search.text == "break":
            raise RuntimeError("out of order")
        title = f"{self.context.config.text('house')} {self.context.config.text('style')}"
        offer = AssetOffer(id="1", kind=AssetKind.IMAGE, title=title, licence=Licence(id="CC0-1.0"))
        return SearchPage(offers=(offer,))

    async def fetch(self, asset_id, folder):
        if asset_id == "break":
            raise RuntimeError("out of order")
        path = folder / "picture.txt"
        path.write_text(f"{self.context.config.text('style')} {self.context.config.text('key')}")
        return FetchedAsset(path=path, kind=AssetKind.DATA, licence=Licence(id="CC0-1.0"))

    async def close(self): ...

@hookimpl
def reelhouse_asset_providers():
    yield AssetProvider(
        id="acme.stock", title="Stock", kinds=frozenset({AssetKind.IMAGE}), open=Stock,
        params=(
            Parameter(name="style", title="Style", type=ParameterType.TEXT),
            Parameter(name="pages", title="Pages", type=ParameterType.INT, default=1, minimum=1, maximum=9),
            Parameter(name="house", title="House", type=ParameterType.TEXT, default="", is_operator_only=True),
            Parameter(name="key", title="Key", type=ParameterType.SECRET, default=""),
        ),
    )
"""

CLIP = """
from core.api import *

@hookimpl
def reelhouse_encoders():
    yield Encoder(
        id="acme.clip", title="Clip", extension="mp4", mime_type="video/mp4", container="mp4",
        video=VideoCodec(name="libx264"),
    )
"""

STOCK_CAPABILITIES = '[capabilities]\nsecrets = ["token"]\n'


def write_glow(site: Path) -> str:
    """Install ``acme.glow`` with the effect ``acme.glow.invert``."""
    return write_plugin(site, "acme-glow", negative("acme.glow"))


def write_clip(site: Path) -> str:
    """Install ``acme.clip`` with the encoder of that name."""
    return write_plugin(site, "acme-clip", CLIP, contributes={"encoders": ["acme.clip"]})


def write_stock(site: Path) -> str:
    """Install ``acme.stock`` with the provider of that name."""
    return write_plugin(
        site, "acme-stock", STOCK, contributes={"asset_providers": ["acme.stock"]}, extra=STOCK_CAPABILITIES
    )
