"""What the network knows: the model, the connection, Cypher, search, matching, the change log."""
