"""What programs ask that watch others: Prometheus, and whoever restarts what doesn't answer."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector


def make_blueprint(
    collectors: Sequence[Collector],
    is_ready: Callable[[], bool],
    find_problems: Callable[[], Sequence[str]],
) -> Blueprint:
    """Return what serves ``/metrics`` and ``/healthz``.

    Args:
        collectors: What Prometheus may read.
        is_ready: Whether everything has started.
        find_problems: Returns what is wrong, one sentence each.
    """
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=content_type)

    @blueprint.get("/healthz")
    def healthz() -> tuple[Response, HTTPStatus]:
        """Say what is wrong. Only what a restart may mend is an error."""
        problems = list(find_problems())
        ready = is_ready()
        state = "starting" if not ready else "degraded" if problems else "ok"
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return jsonify(status=state, problems=problems), status

    return blueprint
