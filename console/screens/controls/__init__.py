"""Place 0: the controls of the protection assessment, and what this version keeps of each."""
