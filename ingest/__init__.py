"""How knowledge comes in: one connector per source, one writer, one quarantine."""
