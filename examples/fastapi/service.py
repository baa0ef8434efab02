"""Pictures over HTTP: `PUT` orders one, `GET` tells how far it is. Run it in this folder: `uvicorn service:app`."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypedDict
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel

from modellix import (
    AsyncModellix,
    BadRequestError,
    ModellixError,
    RateLimitError,
    ReferenceConflict,
    SqliteJournal,
    SqlJournal,
)
from order_form import Order
from studio import State, Studio

CALL = 30.0  # seconds for one call of the API
PAUSE = 30  # seconds after which a caller may come again, where the API names none

log = logging.getLogger(__name__)


class Held(TypedDict):
    """What requests find in their state."""

    studio: Studio


def open_journal() -> SqliteJournal | SqlJournal:
    """JOURNAL is a file, or for several machines the URL of a database. MOST_PICTURES bounds what is ever bought."""
    where, most = os.environ.get("JOURNAL", "purchases.db"), int(os.environ.get("MOST_PICTURES", "100"))
    return (SqlJournal if "://" in where else SqliteJournal)(where, max_submissions=most)


def name_of_process() -> str | None:
    """OWNER is the machine's name, where several processes share a journal."""
    machine = os.environ.get("OWNER")
    return f"{machine}-{os.getpid()}" if machine else None


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[Held]:
    """One client for the life of a process. It is closed after the last request, and waits for what is being bought."""
    folder = Path(os.environ.get("PICTURES_FOLDER", "pictures"))
    with open_journal() as journal:
        async with AsyncModellix(journal=journal, timeout=CALL) as client:
            studio = Studio(client, journal, folder, owner=name_of_process())
            async with studio.open():
                yield {"studio": studio}


app = FastAPI(title="Pictures", lifespan=lifespan)


def studio_of(request: Request) -> Studio:
    studio: Studio = request.state.studio
    return studio


HeldStudio = Annotated[Studio, Depends(studio_of)]


class Picture(BaseModel):
    """How far an order is."""

    id: UUID
    state: State
    files: list[str]  # paths in this service


@app.put(
    "/pictures/{id}",
    status_code=202,
    responses={
        409: {"description": "This id has another order"},
        503: {"description": "Nothing was bought: come again after Retry-After seconds"},
    },
)
async def order(id: UUID, request: Order, studio: HeldStudio) -> dict[str, str]:
    """Order a picture under an id of your own. Send it again as often as you like: it is bought once."""
    await studio.buy(str(id), request)
    return {"picture": app.url_path_for("picture", id=id)}


@app.get("/pictures/{id}")
def picture(id: UUID, studio: HeldStudio) -> Picture:  # not async: it reads a database and a disk
    state = studio.state(str(id))
    if state is None:
        raise HTTPException(404, "no such order")
    files = studio.files(str(id)) if state == "done" else []
    return Picture(
        id=id, state=state, files=[app.url_path_for("file", id=id, number=number) for number in range(len(files))]
    )


@app.get("/pictures/{id}/files/{number}")
def file(id: UUID, number: int, studio: HeldStudio) -> FileResponse:
    files = studio.files(str(id))
    if studio.state(str(id)) != "done" or not 0 <= number < len(files):
        raise HTTPException(404, "no such file")
    return FileResponse(files[number])


@app.exception_handler(ModellixError)
def explain(_: Request, error: Exception) -> JSONResponse:
    """What the caller can do about it. Nothing was bought in any of these cases."""
    if isinstance(error, BadRequestError):
        return JSONResponse({"detail": "the picture service does not take this order"}, 422)
    if isinstance(error, ReferenceConflict):
        return JSONResponse({"detail": "this id has another order"}, 409)
    log.error("nothing was bought: %s", error)
    pause = error.retry_after if isinstance(error, RateLimitError) else None
    headers = {"Retry-After": str(math.ceil(PAUSE if pause is None else pause))}
    return JSONResponse({"detail": "no picture can be ordered at the moment"}, 503, headers)
