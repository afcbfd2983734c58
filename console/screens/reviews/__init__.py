"""Place 3: who may do what now, for the one who inspects it as a third party."""
