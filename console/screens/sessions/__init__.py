"""Place 7: controlled sessions, seen live and replayed."""
