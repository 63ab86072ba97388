"""`POST /v1/score`: a recording comes in and becomes a job."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from tonewise.errors import InputError
from tonewise.records import RecordingScore
from tonewise.store.jobs import DONE, FAILED, Job
from tonewise.web.access import require_own_page, require_token
from tonewise.web.asked import FIELDS, options_of
from tonewise.web.routes_jobs import result_of, view
from tonewise.web.schemas import JobView, Refused, refusals
from tonewise.web.upload import OVERHEAD, Received, Upload, too_large

if TYPE_CHECKING:
    from tonewise.web.app import Server

LONGEST_WAIT = 60.0  # seconds
_PIECE = 1 << 18  # bytes that are handed to the disk at a time

_BINARY = {"type": "string", "format": "binary"}
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["recording"],
                "additionalProperties": False,
                "properties": {
                    "recording": {**_BINARY, "description": "The sound, in any format that FFmpeg reads."},
                    "transcript": {**_BINARY, "description": "Its transcript, in any format that tonewise reads."},
                    **FIELDS,
                },
            }
        }
    },
}


def score_routes(server: Server) -> APIRouter:
    """The route that takes recordings."""
    router = APIRouter(dependencies=[*require_token(server.settings), require_own_page()])

    @router.post(
        "/v1/score",
        status_code=202,
        response_model=JobView,
        responses={
            200: {"model": RecordingScore, "description": "The result, where `wait` was long enough."},
            202: {"description": "A job; Location is its address."},
            **refusals(408, 413, 415, 422, 503),
        },
        openapi_extra={"requestBody": _BODY},
        tags=["scoring"],
        summary="Score a recording",
    )
    async def score(
        request: Request,
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the result.")] = 0.0,
    ) -> Response:
        job = await _take(server, request)
        server.pool.wake()
        ended = await _ended(server, job.id, wait)
        if ended is not None:
            return await run_in_threadpool(result_of, server, ended)
        found = await run_in_threadpool(view, server, job)
        return JSONResponse(found.model_dump(mode="json"), 202, {"location": f"/v1/jobs/{job.id}"})

    return router


async def _take(server: Server, request: Request) -> Job:
    key = uuid.uuid4().hex
    before = server.arriving
    server.arriving += 1  # at once: whoever comes while there is looked for room counts this one
    try:
        await run_in_threadpool(_check_room, server, request, before)
        return await _receive(server, request, key)
    except BaseException:
        await asyncio.shield(run_in_threadpool(server.keeping.folders.remove, key))
        raise
    finally:
        server.arriving -= 1


async def _receive(server: Server, request: Request, key: str) -> Job:
    settings = server.settings
    folder = await run_in_threadpool(server.keeping.folders.make, key)
    kind = request.headers.get("content-type", "")
    upload = Upload(folder, kind, allowed=frozenset(FIELDS), most=settings.max_upload_bytes)
    try:
        async with asyncio.timeout(settings.upload_seconds):
            received = await _read(server, request, upload)
    except TimeoutError as error:
        raise Refused(408, "the upload took too long, or stopped in the middle; send it again") from error
    except ClientDisconnect as error:
        raise Refused(400, "the upload ended in the middle; send it again") from error
    except OSError as error:
        raise Refused(503, f"the server cannot keep the upload ({error.strerror}); try again later") from error
    finally:
        upload.close()
    job = _job(key, received)
    await run_in_threadpool(server.keeping.jobs.add, job)
    server.metrics.upload(received.bytes)
    return job


async def _read(server: Server, request: Request, upload: Upload) -> Received:
    pieces = request.stream().__aiter__()
    held = bytearray()
    while True:
        try:
            async with asyncio.timeout(server.settings.upload_idle_seconds):
                held += await anext(pieces)
        except StopAsyncIteration:
            break
        if len(held) >= _PIECE:
            _check_disk(server)  # again: others are uploading, too
            await run_in_threadpool(upload.feed, bytes(held))
            held.clear()
    await run_in_threadpool(upload.feed, bytes(held))
    return upload.finish()


def _check_room(server: Server, request: Request, arriving: int) -> None:
    """Refuse before anything is read what cannot be taken; `arriving`: uploads that came before."""
    settings = server.settings
    if server.pool.draining:
        raise Refused(503, "the server is being stopped; try again in a moment")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > settings.max_upload_bytes + OVERHEAD:
        raise too_large(settings.max_upload_bytes)
    if arriving + server.keeping.jobs.counts()["queued"] >= settings.max_queued:
        raise Refused(503, f"{settings.max_queued} recordings wait already; try again in a moment")
    _check_disk(server)


def _check_disk(server: Server) -> None:
    if shutil.disk_usage(server.keeping.folders.data).free < server.settings.min_free_bytes:
        raise Refused(503, "the server's disk is nearly full; try again later")


def _job(key: str, received: Received) -> Job:
    try:
        options = options_of(received.fields)
    except InputError as error:
        raise Refused(422, str(error)) from error
    return Job(
        id=key,
        name=received.name,
        recording=received.files["recording"],
        transcript=received.files.get("transcript"),
        options=options,
        bytes=received.bytes,
    )


async def _ended(server: Server, key: str, seconds: float) -> Job | None:
    """The job once it has ended; None if it has not within so many seconds."""
    loop = asyncio.get_running_loop()
    last = loop.time() + seconds
    pause = 0.02
    while seconds > 0:
        job: Job | None = await run_in_threadpool(server.keeping.jobs.get, key)
        if job is None or job.state in (DONE, FAILED):
            return job
        if loop.time() + pause > last:
            break
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return None
