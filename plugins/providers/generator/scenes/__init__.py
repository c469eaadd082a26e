"""The scenes, by name."""

from plugins.providers.generator.movie import Scene
from plugins.providers.generator.scenes.aurora import Aurora
from plugins.providers.generator.scenes.bokeh import Bokeh
from plugins.providers.generator.scenes.city import City
from plugins.providers.generator.scenes.hills import Hills
from plugins.providers.generator.scenes.starfield import Starfield
from plugins.providers.generator.scenes.waves import Waves

SCENES: dict[str, Scene] = {
    "aurora": Aurora(),
    "bokeh": Bokeh(),
    "city": City(),
    "hills": Hills(),
    "starfield": Starfield(),
    "waves": Waves(),
}
