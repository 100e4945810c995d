"""The compiler: a GraphQL operation becomes one Cypher and one builder of its response, once for each shape of its variables."""

from api.compiler.operation import Plan, plan_operation
from api.compiler.run import Plans, Prepared

__all__ = ["Plan", "Plans", "Prepared", "plan_operation"]
