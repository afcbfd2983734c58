"""Place 5: requests, from writing one to the report on what was done."""
