"""How the server is: alive, ready, its model, limits and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from tonewise import transcripts
from tonewise.corpus.files import AUDIO_EXTENSIONS
from tonewise.pipeline.scoring_request import LAW
from tonewise.version import __version__
from tonewise.web.access import require_token
from tonewise.web.schemas import Card, Figure, Health, Limits, Refused, refusals

if TYPE_CHECKING:
    from tonewise.web.app import Server


def state_routes(server: Server) -> APIRouter:
    """Routes that tell of the server."""
    router = APIRouter(tags=["server"])
    token = require_token(server.settings)

    @router.get("/v1/health", response_model=Health, responses=refusals(), summary="Whether the server lives")
    def health() -> Health:
        return Health(status="live", version=__version__)

    @router.get("/v1/ready", response_model=Health, responses=refusals(503), summary="Whether it takes recordings")
    def ready() -> Health:
        if not server.pool.ready:
            raise Refused(503, "the server is being stopped" if server.pool.draining else "no worker is ready yet")
        return Health(status="ready", version=__version__)

    @router.get("/v1/model", response_model=Card, responses=refusals(), dependencies=token, summary="The model")
    def model() -> Card:
        return card(server)

    @router.get("/v1/limits", response_model=Limits, responses=refusals(), dependencies=token, summary="Its limits")
    def limits() -> Limits:
        settings = server.settings
        return Limits(
            max_upload_bytes=settings.max_upload_bytes,
            max_duration_seconds=settings.max_duration_seconds,
            job_timeout_seconds=settings.job_timeout_seconds,
            keep_seconds=settings.keep_seconds,
            max_queued=settings.max_queued,
            transcript_formats=list(transcripts.formats()),
            audio_extensions=list(AUDIO_EXTENSIONS),
        )

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **refusals()},
        dependencies=token,
        summary="Figures for Prometheus",
    )
    def metrics() -> Response:
        return Response(server.metrics.text(server.keeping.jobs.counts), media_type=CONTENT_TYPE_LATEST)

    return router


def card(server: Server) -> Card:
    """What the model's manifest says, in short."""
    manifest = server.model.manifest
    training = manifest.get("training") or {}
    return Card(
        name=server.model.bundle.path.name,
        fingerprint=server.keeping.fingerprint,
        version=str((manifest.get("versions") or {}).get("tonewise", "")),
        features=list(server.model.bundle.feature_specs),
        classifier=str(manifest.get("classifier", "")),
        baseline=str((manifest.get("baseline") or {}).get("kind", "none")),
        labels=str((manifest.get("labels") or {}).get("name", "")),
        utterances=int(training.get("utterances", 0)),
        speakers=training.get("speakers"),
        test=_figure((manifest.get("metrics") or {}).get("test")),
        gold=_figure(manifest.get("gold")),
        scale=server.model.scale.says,
        law=LAW,
    )


def _figure(found: dict[str, Any] | None) -> Figure | None:
    return Figure.model_validate({name: found.get(name) for name in Figure.model_fields}) if found else None
