"""The screens, one package or module for each place. They hold no rules and write no SQL."""
