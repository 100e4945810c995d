"""The embedded Neo4j: one private child process per data folder, shared by every `gcio` process that uses the folder.

Must not know what is stored in it.
"""

from graph.server.dumps import backup, restore
from graph.server.jars import fetch, regenerate_lock
from graph.server.lifecycle import Lease, connect, ensure, start, status, stop
from graph.server.records import Endpoint, Progress, Status

__all__ = [
    "Endpoint",
    "Lease",
    "Progress",
    "Status",
    "backup",
    "connect",
    "ensure",
    "fetch",
    "regenerate_lock",
    "restore",
    "start",
    "status",
    "stop",
]
