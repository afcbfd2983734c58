"""The console: screens, widgets, command line, settings and wiring."""
