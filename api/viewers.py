"""From a request to the viewer: the one place where a credential is read. It is never logged and never told again."""

from __future__ import annotations

from collections.abc import Mapping

from api.state import Network
from graph.errors import Code, NetworkError
from graph.tokens import bearer, refused_token
from graph.viewer import ANYONE, Role, Viewer

AUTHORIZATION = "authorization"


async def viewer_of(network: Network, headers: Mapping[str, str]) -> Viewer:
    """Who asks, by `Authorization: Bearer …`; anybody where there is no such header. Raises `UNAUTHENTICATED`."""
    return await viewer_by(network, headers.get(AUTHORIZATION))


async def viewer_by(network: Network, credential: str | None) -> Viewer:
    """The same from the header's value."""
    if credential is None:
        return ANYONE
    scheme, _, secret = credential.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise refused_token()
    return await bearer(network.database, secret.strip())


def member(viewer: Viewer, what: str = "change records") -> Viewer:
    """The viewer, who has to be a member. Raises `UNAUTHENTICATED`, and says what only members may do."""
    if viewer.role is not Role.MEMBER or viewer.token is None:
        raise NetworkError(
            Code.UNAUTHENTICATED,
            f"Only a member of the network may {what}.",
            hint="Send `Authorization: Bearer …` with a token; whoever runs this network makes one with `gcio token create`.",
        )
    return viewer
