"""Whether the process lives, and whether it is ready to serve."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from console.api.shapes import Health
from console.dependencies import Given
from console.metrics import CONTENT_TYPE, exposition
from hall.errors import StoreError
from store import journal

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Health)
async def lives() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", response_model=Health, responses={503: {"model": Health}})
def ready(given: Given) -> Response:
    """Database and bus answer; 503 with the part that does not."""
    parts = {"bus": "ok" if given.live.connected else "away", "database": "ok"}
    try:
        with given.database.read() as tx:
            journal.last_seq(tx)
    except StoreError as error:
        parts["database"] = str(error)
    unavailable = any(state != "ok" for state in parts.values())
    health = Health(status="unavailable" if unavailable else "ok", parts=parts)
    return JSONResponse(health.model_dump(mode="json"), 503 if unavailable else 200)


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    """Prometheus text of all roles."""
    return Response(exposition(), media_type=CONTENT_TYPE)
