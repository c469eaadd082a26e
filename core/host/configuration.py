"""The configuration of providers and stores: what ``plugins.toml``, an owner or a caller gives, checked."""

from collections.abc import Iterable, Mapping

from core.api import ConfigInvalid, InvalidInput, JsonValue, Parameter, Values, did_you_mean, parse_values
from core.host.kinds import Contribution, Kind

PLUGINS_TOML_HINT = "give it in plugins.toml under config"


def configurable(declared: Mapping[Kind, tuple[Contribution, ...]]) -> Iterable[Parameter]:
    """Yield the parameters that a plugin is configured with: those of its providers and stores."""
    for kind in (Kind.ASSET_PROVIDERS, Kind.STORAGE_BACKENDS):
        for contribution in declared.get(kind, ()):
            yield from contribution.params


def check_config(config: Mapping[str, JsonValue], declared: Mapping[Kind, tuple[Contribution, ...]]) -> None:
    """Refuse keys that no provider or store of the plugin declares, and values that do not fit.

    What is required and not given is told when it is opened: the rest of the plugin works without.
    """
    known = {parameter.name: parameter for parameter in configurable(declared)}
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


def owners_values(
    params: Iterable[Parameter], config: Mapping[str, JsonValue], *, operators: Mapping[str, JsonValue]
) -> Values:
    """Return the values of one provider or store from an owner's configuration of its plugin.

    What is for the operator alone comes from ``operators``, whatever the owner gives; nothing else of theirs is taken
    over, so that their credentials are not sent where an owner points.
    """
    listed = tuple(params)
    merged = {
        parameter.name: source[parameter.name]
        for parameter in listed
        for source in ((operators if parameter.is_operator_only else config),)
        if parameter.name in source
    }
    return checked(listed, merged, hint="set it in the plugin's configuration")


def checked(params: Iterable[Parameter], config: Mapping[str, JsonValue], *, hint: str = PLUGINS_TOML_HINT) -> Values:
    """Return the values of a configuration; raise ``ConfigInvalid`` with everything that is wrong."""
    values, complaints = parse_values(params, config, path="config")
    if complaints:
        raise ConfigInvalid(
            "; ".join(f"{complaint.path} {complaint}" for complaint in complaints),
            field=(complaints[0].path or "").removeprefix("config."),
            hint=hint,
        )
    return values
