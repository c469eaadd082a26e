"""The configuration of providers and stores: what ``plugins.toml`` or a caller gives, checked against parameters."""

from collections.abc import Iterable, Mapping

from core.api import ConfigInvalid, InvalidInput, JsonValue, Parameter, Values, did_you_mean, parse_values
from core.host.kinds import Contribution, Kind


def _configurable(declared: Mapping[Kind, tuple[Contribution, ...]]) -> Iterable[Parameter]:
    for kind in (Kind.ASSET_PROVIDERS, Kind.STORAGE_BACKENDS):
        for contribution in declared.get(kind, ()):
            yield from contribution.params


def check_config(config: Mapping[str, JsonValue], declared: Mapping[Kind, tuple[Contribution, ...]]) -> None:
    """Refuse keys that no provider or store of the plugin declares, and values that do not fit.

    What is required and not given is told when it is opened: the rest of the plugin works without.
    """
    known = {parameter.name: parameter for parameter in _configurable(declared)}
    for name in config:
        if name not in known:
            raise InvalidInput(f"plugins.toml: config.{name} is an unknown key{did_you_mean(name, known)}")
        try:
            known[name].parse(config[name], path=f"config.{name}")
        except InvalidInput as err:
            raise InvalidInput(f"plugins.toml: config.{name} {err}") from err


def configured(params: Iterable[Parameter], config: Mapping[str, JsonValue]) -> Values:
    """Return the values of one provider or store from a plugin's configuration, which may hold those of others."""
    listed = tuple(params)
    names = {parameter.name for parameter in listed}
    return checked(listed, {name: value for name, value in config.items() if name in names})


def checked(params: Iterable[Parameter], config: Mapping[str, JsonValue]) -> Values:
    """Return the values of a configuration; raise ``ConfigInvalid`` with everything that is wrong."""
    values, complaints = parse_values(params, config, path="config")
    if complaints:
        raise ConfigInvalid(
            "; ".join(f"{complaint.path} {complaint}" for complaint in complaints),
            field=(complaints[0].path or "").removeprefix("config."),
            hint="give it in plugins.toml under config",
        )
    return values
