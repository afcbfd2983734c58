"""Place 6: backups, from taking one to the proof by restoring; what left on media, and until when."""
