"""What can be shown to whoever inspects: the controls and how far they are in force, and who may do what."""
