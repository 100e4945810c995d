"""Assignment: many needs and many partners, for a forum or a programme. Quality is that of matching, the optimum SciPy's."""

from graph.assignment.read import LARGEST, Programme, assign_needs
from graph.assignment.solve import Assignment, Constraint, Given, Guest, Load, Obstacle, Wish, assign

__all__ = [
    "LARGEST",
    "Assignment",
    "Constraint",
    "Given",
    "Guest",
    "Load",
    "Obstacle",
    "Programme",
    "Wish",
    "assign",
    "assign_needs",
]
