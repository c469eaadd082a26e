"""The host's numbers, for Prometheus. Labels are few and bounded: routes, never paths; no tenant."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()

ProcessCollector(registry=REGISTRY)

REQUESTS = Counter(
    "reelhouse_requests", "Requests that were answered.", ("method", "route", "status"), registry=REGISTRY
)
SECONDS = Histogram(
    "reelhouse_request_seconds",
    "How long answers took until their head was ready.",
    ("method", "route"),
    registry=REGISTRY,
)
VAULTS_OPEN = Gauge("reelhouse_vaults_open", "Vaults that are open in this process.", registry=REGISTRY)
