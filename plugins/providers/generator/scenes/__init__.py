"""The scenes, by name."""

from plugins.providers.generator.movie import Scene
from plugins.providers.generator.scenes.aurora import Aurora
from plugins.providers.generator.scenes.bokeh import Bokeh
from plugins.providers.generator.scenes.city import City
from plugins.providers.generator.scenes.flow import Flow
from plugins.providers.generator.scenes.hills import Hills
from plugins.providers.generator.scenes.particles import Particles
from plugins.providers.generator.scenes.starfield import Starfield
from plugins.providers.generator.scenes.waves import Waves

SCENES: dict[str, Scene] = {
    "aurora": Aurora(),
    "bokeh": Bokeh(),
    "city": City(),
    "flow": Flow(),
    "hills": Hills(),
    "particles": Particles(),
    "starfield": Starfield(),
    "waves": Waves(),
}
