"""What only `jgo` knows: the addresses of Maven repositories, and how coordinates resolve to jars.

Imported only when something must be fetched or resolved: `jgo` is slow to import.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.env import LockFile
from jgo.maven import MavenContext
from jgo.parse import Coordinate


def repositories() -> dict[str, str]:
    """Name → base address, as `jgo` itself uses them: Maven Central, and what its own settings file adds or replaces."""
    return {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}


def resolve(group: str, artifact: str, version: str, *, threads: int) -> LockFile:
    """The lock file of one coordinate: every compile and runtime jar with its SHA-256. Downloads all of them, afresh."""
    with tempfile.TemporaryDirectory(prefix="gcio-lock-") as folder:
        context = MavenContext(repo_cache=Path(folder), remote_repos=repositories())
        wanted = context.create_dependency(Coordinate(groupId=group, artifactId=artifact, version=version, scope="compile"))
        inputs, transitive = context.resolver.resolve([wanted])
        chosen = {
            dependency.artifact.key: dependency for dependency in [*inputs, *(d for d in transitive if d.scope in ("compile", "runtime"))]
        }
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda dependency: dependency.artifact.resolve(), chosen.values()))
        return LockFile.from_resolved_dependencies(list(chosen.values()), environment_name=artifact)
