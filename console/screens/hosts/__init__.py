"""Place 8: this host, as it was read a moment ago."""
