"""Harnesses for a coverage-guided fuzzer, run by hand for minutes; the tests themselves stay short."""
