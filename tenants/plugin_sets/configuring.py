"""Configuring: what a tenant may set of a plugin, checked against what the plugin declares. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from core.api import InvalidInput, JsonValue, Parameter, ParameterType, did_you_mean, parameters_schema
from core.host.configuration import configurable
from core.host.state import PluginState
from tenants.plugin_sets.failures import PluginConfigInvalid

LONGEST_SECRET = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigForm:
    """What a tenant may set of a plugin: ``parameters`` in the open, ``secrets`` (by name) sealed and write-only.

    Secrets are those that the manifest asks for, and the parameters of that type. What is for the operator alone is
    not in it.
    """

    parameters: tuple[Parameter, ...] = ()
    secrets: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: PluginState) -> Self:
        """Return the form of a plugin that the host has loaded."""
        listed = {parameter.name: parameter for parameter in configurable(state.declared)}.values()
        asked_for = state.manifest.secrets if state.manifest else ()
        own = [parameter for parameter in listed if not parameter.is_operator_only]
        secrets = [parameter.name for parameter in own if parameter.type is ParameterType.SECRET]
        return cls(
            parameters=tuple(parameter for parameter in own if parameter.type is not ParameterType.SECRET),
            secrets=tuple(dict.fromkeys((*secrets, *asked_for))),
            operators=tuple(parameter.name for parameter in listed if parameter.is_operator_only),
        )

    def json_schema(self) -> dict[str, JsonValue]:
        """Return the JSON Schema of the open part, for forms."""
        return parameters_schema(self.parameters)

    def check(self, config: Mapping[str, JsonValue], secrets: Mapping[str, str]) -> None:
        """Raise ``PluginConfigInvalid`` with everything that does not fit, never with a secret in it.

        What is required and missing is no mistake yet: who opens the plugin is told.
        """
        complaints = (*self._complaints_of_config(config), *self._complaints_of_secrets(secrets))
        if complaints:
            raise PluginConfigInvalid(complaints)

    def _complaints_of_config(self, config: Mapping[str, JsonValue]) -> Iterator[InvalidInput]:
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in config.items():
            path = f"config.{name}"
            if name in known:
                try:
                    known[name].parse(value, path=path)
                except InvalidInput as complaint:
                    yield complaint
            elif name in self.operators:
                yield InvalidInput("is set by who runs the installation, in plugins.toml", path=path)
            elif name in self.secrets:
                yield InvalidInput("is a secret: give it among the secrets", path=path)
            else:
                yield InvalidInput(f"is an unknown key{did_you_mean(name, known)}", path=path)

    def _complaints_of_secrets(self, secrets: Mapping[str, str]) -> Iterator[InvalidInput]:
        for name, text in secrets.items():
            path = f"secrets.{name}"
            if name not in self.secrets:
                yield InvalidInput(f"is no secret of this plugin{did_you_mean(name, self.secrets)}", path=path)
            elif not isinstance(text, str) or not 0 < len(text) <= LONGEST_SECRET:
                yield InvalidInput(f"must be a text of 1 to {LONGEST_SECRET} characters", path=path)
