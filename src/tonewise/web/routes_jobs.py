"""Jobs: how they stand, their results, pages and sounds."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Response
from fastapi import Path as InPath
from starlette.responses import FileResponse

from tonewise.records import RecordingScore
from tonewise.report.recording_sound import PLAYED
from tonewise.store.jobs import DONE, FAILED, RUNNING, Job
from tonewise.web.access import require_own_page, require_token
from tonewise.web.asked import notices_of
from tonewise.web.folders import PAGE, RESULT
from tonewise.web.schemas import JobView, Refused, Stage, refusals
from tonewise.web.security import REPORT_POLICY

if TYPE_CHECKING:
    from tonewise.web.app import Server

Key = Annotated[str, InPath(alias="id", pattern="^[0-9a-f]{32}$", description="Of the job.")]

UNPLAYED = "application/octet-stream"  # nothing that a client says of its file decides how it is served
_SOUND = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (*sorted({*PLAYED.values()}), UNPLAYED)}


def jobs_routes(server: Server) -> APIRouter:
    """The routes below `/v1/jobs`."""
    router = APIRouter(prefix="/v1/jobs/{id}", tags=["jobs"], dependencies=require_token(server.settings))

    @router.get("", response_model=JobView, responses=refusals(404, 422), summary="How a job stands")
    def job(key: Key) -> JobView:
        return view(server, _job(server, key))

    @router.get(
        "/result", response_model=RecordingScore, responses=refusals(404, 409, 422), summary="The result of a job"
    )
    def result(key: Key) -> Response:
        return result_of(server, _job(server, key))

    @router.get(
        "/page",
        response_class=Response,
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}, **refusals(404, 409, 422)},
        summary="The page of a recording",
    )
    def page(key: Key) -> Response:
        return _file(server, _done(_job(server, key)), PAGE, "text/html; charset=utf-8")

    @router.get(
        "/audio",
        response_class=Response,
        responses={
            200: {"content": _SOUND},
            206: {"description": "The part that Range asked for.", "content": _SOUND},
            416: {"description": "There is no such part.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **refusals(404, 422),
        },
        summary="The recording as it was sent",
    )
    def sound(key: Key) -> Response:
        found = _job(server, key)
        kind = PLAYED.get(Path(found.recording).suffix, UNPLAYED)
        return _file(server, found, found.recording, kind)

    @router.delete(
        "",
        status_code=204,
        responses=refusals(404, 422),
        dependencies=[require_own_page()],
        summary="Remove a job and all that is kept of it",
    )
    def remove(key: Key) -> Response:
        if not server.keeping.remove(key):
            raise _unknown()
        server.pool.cancel(key)
        return Response(status_code=204)

    return router


def view(server: Server, job: Job) -> JobView:
    """A job as clients see it."""
    at = server.pool.progress(job.id) if job.state == RUNNING else None
    address = f"/v1/jobs/{job.id}" if job.state == DONE else None
    return JobView(
        id=job.id,
        name=job.name,
        state=job.state,  # type: ignore[arg-type]
        error=job.detail if job.state == FAILED else None,
        progress=Stage(stage=at[0], done=at[1], total=at[2]) if at else None,
        notices=notices_of(job.options),
        bytes=job.bytes,
        duration=job.duration,
        created=job.created.replace(tzinfo=UTC),
        started=job.started and job.started.replace(tzinfo=UTC),
        finished=job.finished and job.finished.replace(tzinfo=UTC),
        attempts=job.attempts,
        result=address and f"{address}/result",
        page=address and f"{address}/page",
    )


def result_of(server: Server, job: Job) -> Response:
    """The result of a job that has ended.

    Raises:
        Refused: it has not (409), or it failed (422).
    """
    return _file(server, _done(job), RESULT, "application/json")


def _done(job: Job) -> Job:
    if job.state == FAILED:
        raise Refused(422, job.detail or "the recording could not be scored")
    if job.state != DONE:
        raise Refused(409, f"the job is {job.state}; ask again in a moment")
    return job


def _job(server: Server, key: str) -> Job:
    found = server.keeping.jobs.get(key)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> Refused:
    return Refused(404, "there is no such job; jobs are removed some time after they end")


def _file(server: Server, job: Job, name: str, kind: str) -> Response:
    file = server.keeping.folders.job(job.id) / name
    if not file.is_file():
        raise _unknown()
    headers = {"content-security-policy": REPORT_POLICY} if name == PAGE else {}
    return FileResponse(file, media_type=kind, headers=headers)
