"""Records that tests of pages write and take away again, as tests of the graph do."""

from tests.graph.conftest import scratch

__all__ = ["scratch"]
