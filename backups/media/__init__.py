"""Media: known by identity, written through one held folder, never by path, and accounted for until they end."""
