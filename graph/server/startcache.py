"""Background step: `python -m graph.server.startcache CACHE` builds the start-up cache of the virtual machine.

A training server on an empty folder records which classes it loads and which methods run often; Java makes the cache of that.
Must stay harmless: at a low priority, after the first start has settled; a failure only means that starts stay as they are.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import neo4j
from filelock import FileLock, Timeout

from graph.errors import NetworkError
from graph.server import claims, engine, failures, java
from graph.server.jars import fetch
from graph.server.places import cache_of
from graph.server.records import Endpoint
from graph.server.serving import set_password
from graph.settings import Settings

SETTLING = 20
_TRAINING = "training-"
_STALE = 24 * 3600
_PATIENCE = 1800.0  # whoever gets little of the processor needs long
_LESSONS = (
    "CREATE CONSTRAINT lesson IF NOT EXISTS FOR (n:Lesson) REQUIRE n.id IS UNIQUE",
    "CREATE FULLTEXT INDEX lessonText IF NOT EXISTS FOR (n:Lesson) ON EACH [n.text]",
    """
    CREATE VECTOR INDEX lessonVector IF NOT EXISTS FOR (n:Lesson) ON n.vector
    OPTIONS {indexConfig: {`vector.dimensions`: 4, `vector.similarity_function`: 'cosine'}}
    """,
    "CALL db.awaitIndexes(60)",
    """
    UNWIND range(1, 200) AS i
    MERGE (n:Lesson {id: toString(i)})
    SET n.text = 'lesson ' + i, n.vector = [1.0, i, 0.5, 2.0]
    MERGE (t:Topic {id: i % 7})
    MERGE (n)-[:ABOUT {weight: i * 0.5}]->(t)
    """,
    """
    MATCH (n:Lesson)-[r:ABOUT]->(t:Topic)
    WHERE n.id > '3'
    WITH t, count(*) AS c, collect(n {.id, .text})[..3] AS some
    RETURN t.id, c, some
    ORDER BY c DESC, t.id
    LIMIT 5
    """,
    """
    MATCH (t:Topic)
    CALL (t) {
      MATCH (n:Lesson)-[:ABOUT]->(t)
      RETURN n ORDER BY n.id LIMIT 2
    }
    RETURN t.id, collect(n {.*}) AS lessons
    """,
    """
    CALL db.index.fulltext.queryNodes('lessonText', 'lesson') YIELD node, score
    RETURN node.id, score
    LIMIT 5
    """,
    """
    CYPHER 25
    MATCH (n:Lesson)
    SEARCH n IN (VECTOR INDEX lessonVector FOR [1.0, 2.0, 0.5, 2.0] LIMIT 5) SCORE AS score
    RETURN n.id, score
    """,
    "SHOW INDEXES YIELD name, state",
)


def main(cache: Path) -> None:
    """Build the cache unless it is there, cannot be built, or another process is at it."""
    settings = Settings(neo4j_uri=None, neo4j_cache=cache)
    jars = fetch(cache_of(settings))
    target = java.start_cache(settings, jars)
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(Timeout), FileLock(target.with_suffix(".lock"), timeout=0):
        _yield_to_others()
        time.sleep(SETTLING)
        if not target.exists():
            _tidy(target)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=_TRAINING) as folder:
                _build(settings.model_copy(update={"home": Path(folder)}), jars, target)


def _build(settings: Settings, jars: list[Path], target: Path) -> None:
    recording = settings.home / "recording"
    part = settings.home / "part"
    try:
        _train(settings, jars, recording)
        made = subprocess.run(
            java.cache_command(recording, part), env=java.environment(jars), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if made.returncode or not part.exists():
            raise failures.unready(settings.home, f"no start-up cache came out (exit code {made.returncode}): {made.stderr[-500:]!r}")
    except (NetworkError, failures.PortTaken, OSError, neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError) as error:
        target.with_suffix(java.FAILED).write_text(f"{type(error).__name__}: {error}\n")
    else:
        part.replace(target)


def _train(settings: Settings, jars: list[Path], recording: Path) -> None:
    settings.database_home.mkdir()
    set_password(settings, jars)
    port = engine.free_port(None)
    server = engine.launch(settings, jars, port, recording)
    try:
        _teach(engine.wait_ready(settings, server, port, _PATIENCE, None))
    finally:
        engine.stop(server, _PATIENCE)


def _teach(endpoint: Endpoint) -> None:
    with neo4j.GraphDatabase.driver(endpoint.uri, auth=(endpoint.user, endpoint.password)) as driver:
        for lesson in _LESSONS * 3:  # thrice, so that Java learns which methods run often
            driver.execute_query(lesson, database_=endpoint.database)


def _yield_to_others() -> None:
    """Low priority, also where Linux shares the processor by sessions first: a tenth of it while others want it."""
    os.nice(10)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("10")


def _tidy(target: Path) -> None:
    """Remove what earlier versions left here, and the training of a process that was killed: only one trains at a time."""
    for path in target.parent.iterdir():
        if path.name.startswith(_TRAINING):
            server = claims.find_server(path / "neo4j")
            if server:
                engine.stop(server, engine.STOP_TIMEOUT)
            shutil.rmtree(path, ignore_errors=True)
        elif path.stem != target.stem and time.time() - path.stat().st_mtime > _STALE:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
