"""Findings: what the rules matched, raised once for the same evidence, judged by people.

The rules hand over :class:`monitors.findings.matches.Match` values; everything after that happens here.
"""
