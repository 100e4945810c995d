"""Pages: one module for each that has thoughts of its own; records share one."""
