"""What the REST interface answers, as OpenAPI tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


class Error(BaseModel):
    """Why a request was refused: one line."""

    error: str = Field(examples=["there is no such job; jobs are removed some time after they end"])


class Refused(Exception):
    """A request that cannot be served: an HTTP status and the one line of an `Error`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, " ".join(message.split())


class Health(BaseModel):
    """That the server lives, or is ready."""

    status: Literal["live", "ready"]
    version: str


class Stage(BaseModel):
    """How far a job has come."""

    stage: str = Field(description="What is being done, such as the name of a feature.")
    done: int
    total: int


class JobView(BaseModel):
    """A recording that is to be scored, or was."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    name: str = Field(description="The recording's name, as it is shown.")
    state: Literal["queued", "running", "done", "failed"]
    error: str | None = Field(description="Why it failed.")
    progress: Stage | None = Field(description="While it runs.")
    notices: list[str] = Field(description="What is to be known of how it was asked for, the law among it.")
    bytes: int = Field(description="Size of the upload.")
    duration: float | None = Field(description="Seconds of the recording, once it is done.")
    created: datetime
    started: datetime | None
    finished: datetime | None
    attempts: int = Field(description="How often it was begun: a second time, if a worker ended in the middle.")
    result: str | None = Field(description="Address of the result, once it is done.")
    page: str | None = Field(description="Address of the recording's page, once it is done.")


class Figure(BaseModel):
    """A ROC AUC with its 95 % interval; null where it is undefined."""

    roc_auc: float | None
    ci_low: float | None
    ci_high: float | None
    n: int


class Card(BaseModel):
    """What the model says of itself; its card says more."""

    name: str
    fingerprint: str = Field(description="SHA-256 of all that it says of itself.")
    version: str = Field(description="Of tonewise that trained it.")
    features: list[str]
    classifier: str
    baseline: str = Field(description="Whether voices are compared with how they usually sound.")
    labels: str = Field(description="What it learned from.")
    utterances: int
    speakers: int | None
    test: Figure | None = Field(description="Against labels of the kind learned from, on held-out speakers.")
    gold: Figure | None = Field(description="Against people's labels on held-out speakers, where there were any.")
    scale: Any = Field(description="How its tones are to be read.")
    law: str


class Limits(BaseModel):
    """What the server takes."""

    max_upload_bytes: int
    max_duration_seconds: float
    job_timeout_seconds: float
    keep_seconds: float
    max_queued: int
    transcript_formats: list[str]
    audio_extensions: list[str]


class Token(BaseModel):
    """The server's token, for a page that cannot send it as a header."""

    token: str = Field(max_length=1000)


_REFUSALS = {
    400: "The request cannot be read.",
    401: "The bearer token is missing or wrong.",
    403: "It came from a page of another site, or under a name that is not the server's.",
    404: "There is no such job.",
    408: "The upload took too long.",
    409: "The job has not ended yet.",
    413: "The upload is too large.",
    415: "It is no multipart/form-data.",
    422: "An option, the recording or its transcript cannot be used.",
    500: "The server failed.",
    503: "Too much waits already, or the server is being stopped; see Retry-After.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses as FastAPI documents them, and those that any route may answer with."""
    every = sorted({400, 401, 403, 500, *statuses})
    return {status: {"model": Error, "description": _REFUSALS[status]} for status in every}
