"""People, requests, the trail, accounts, reviews and controlled sessions: the ground floor."""
