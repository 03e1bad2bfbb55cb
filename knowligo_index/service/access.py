"""Who may send requests: those that name an allowed host and, where the service has a token, send it."""

import hmac
import ipaddress
from http import HTTPStatus

from fastapi.security.utils import get_authorization_scheme_param
from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowligo_index.service.clients import client_of
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.page_routes import PAGE_PATHS
from knowligo_index.service.rates import Rates
from knowligo_index.service.request_errors import RequestError
from knowligo_index.service.responses import error_response

# Another site's page can use these names only for the machine that its reader sits at, and cannot own them.
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

# Health checks send neither a token nor a host that can be known before. They get no more than the status.
HEALTH_PATH = "/health"

# In `scope["state"]`: whether the request may see everything.
HAS_ACCESS = "has_access"


class Access:
    """ASGI middleware that answers requests for another host, or without the token, with an error. The files of the
    page need no token: they hold no data, and a browser cannot send a token with an address."""

    def __init__(
        self, app: ASGIApp, options: ServiceOptions, rates: Rates, metrics: Metrics, token: str | None
    ) -> None:
        self._app = app
        self._rates = rates
        self._searches_per_minute = options.searches_per_minute
        self._metrics = metrics
        self._token = token.encode() if token else None
        # Starlette's check of the header is used, not its responses, which are text and no JSON.
        self._hosts = TrustedHostMiddleware(_mark_as_allowed, allowed_hosts(options), www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        try:
            state[HAS_ACCESS] = True
            await self._check_host(scope, receive)
            await self._check_token(scope)
        except RequestError as error:
            if scope["path"] != HEALTH_PATH:
                await error_response(error)(scope, receive, send)
                return
            state[HAS_ACCESS] = False
        await self._app(scope, receive, send)

    async def _check_host(self, scope: Scope, receive: Receive) -> None:
        """Raises RequestError if the request is for a host that is not allowed."""
        marks: Scope = {**scope, "state": {}}
        await self._hosts(marks, receive, _discard)
        if marks["state"]:
            return
        if scope["path"] != HEALTH_PATH:
            self._metrics.refused.labels("host").inc()
        host = Headers(scope=scope).get("host", "")[:100]
        raise RequestError(
            HTTPStatus.MISDIRECTED_REQUEST,
            f"this service does not answer requests for the host {host!r}: name the host with --allowed-hosts.",
        )

    async def _check_token(self, scope: Scope) -> None:
        """Raises RequestError if the request needs the token and does not have it."""
        path = scope["path"]
        if self._token is None or path in PAGE_PATHS:
            return
        scheme, token = get_authorization_scheme_param(Headers(scope=scope).get("authorization"))
        if scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), self._token):
            return
        if path != HEALTH_PATH:
            try:
                # A guess counts as a search, so that a client cannot make more of them.
                await self._rates.check("/search", self._searches_per_minute, client_of(scope))
            except RequestError:
                self._metrics.refused.labels("rate").inc()
                raise
            self._metrics.refused.labels("token").inc()
        raise RequestError(
            HTTPStatus.UNAUTHORIZED,
            "this service needs its token: send it in the header Authorization, after the word Bearer.",
            {"WWW-Authenticate": "Bearer"},
        )


def allowed_hosts(options: ServiceOptions) -> list[str]:
    """The names in the header Host that the service answers to, in the form of Starlette. Loopback names are always
    among them. A service that listens on a loopback address answers to no other name unless it is in the settings: a
    page of another site could let a name of its own stand for that address, and read what is there. A service that
    listens elsewhere answers to any name unless some are in the settings, because it cannot know its own."""
    named = [name.strip() for name in options.allowed_hosts.split(",") if name.strip()]
    if not named and not _is_loopback(options.host):
        return ["*"]
    own = f"[{options.host}]" if ":" in options.host else options.host
    return [*_LOOPBACK, own, *named]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


async def _mark_as_allowed(scope: Scope, receive: Receive, send: Send) -> None:
    scope["state"][HAS_ACCESS] = True


async def _discard(message: Message) -> None:
    """Starlette's response."""
