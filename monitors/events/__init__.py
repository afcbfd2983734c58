"""Access and operation events: what they are, how they come in, how they are kept and asked for."""
