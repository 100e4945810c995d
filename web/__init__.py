"""How people see it: pages, components, translations. Holds GraphQL documents, never Cypher."""
