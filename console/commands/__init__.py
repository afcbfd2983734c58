"""The command line, one module for each thing that it speaks of."""

from console.commands.words import teach_click

teach_click()
