"""Health: does the process live (``/healthz``), can it work (``/readyz``), and its numbers (``/metrics``)."""

from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from quart import Blueprint, Response, request
from quart_schema import hide
from werkzeug.exceptions import NotFound

from tenants.control.database import DATABASE_ERRORS
from tenants.control.models.house import House as HouseRow
from webshell.forwarding import address_of
from webshell.metrics import REGISTRY
from webshell.shell import shell

health = Blueprint("health", __name__)


@health.get("/healthz")
@hide
async def healthz() -> dict[str, str]:
    """Tell that the process answers, sealed or not."""
    return {"status": "alive"}


@health.get("/readyz")
@hide
async def readyz() -> tuple[dict[str, str], int]:
    """Tell whether requests can be served: the database answers, the house is unsealed, the host is not stopping."""
    state = await _state()
    return {"status": state}, HTTPStatus.OK if state == "ready" else HTTPStatus.SERVICE_UNAVAILABLE


async def _state() -> str:
    if shell().stopping.is_set():
        return "stopping"
    try:
        await HouseRow.get(id=1)
    except DATABASE_ERRORS:
        return "database_unavailable"
    return "sealed" if shell().house.is_sealed else "ready"


@health.get("/metrics")
@hide
async def metrics() -> Response:
    """Give the numbers to Prometheus, from the networks of the setting ``server.metrics_from`` alone."""
    address = address_of(request.remote_addr or "")
    if address is None or not any(address in network for network in shell().settings.tables.server.metrics_from):
        raise NotFound
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
