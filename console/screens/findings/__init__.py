"""Place 4: what the rules found, with its explanation, and the judgement of people."""
