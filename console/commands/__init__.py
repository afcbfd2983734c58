"""The command line, one module for each thing that it speaks of."""
