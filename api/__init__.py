"""How it is asked: the GraphQL schema, limits, viewers, the ASGI application, the command line."""
