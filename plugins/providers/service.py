"""The service behind a provider: where it is, and the parameter that says so."""

from core.api import Parameter, ParameterType, PluginContext

ENDPOINT = "endpoint"


def endpoint_parameter(address: str) -> Parameter:
    """Return the parameter that names another address than the service's own, for a proxy of the operator's."""
    return Parameter(
        name=ENDPOINT,
        title="Address",
        type=ParameterType.TEXT,
        default=address,
        help="Where the service answers; another one for a proxy of your own.",
        group="Advanced",
        is_operator_only=True,
    )


def endpoint(context: PluginContext) -> str:
    """Return where the service answers, without a slash at the end."""
    return context.config.text(ENDPOINT).rstrip("/")
