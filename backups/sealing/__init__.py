"""Sealing in public formats: age for the content, SSHSIG for the signature; opening needs no Sekisho."""
