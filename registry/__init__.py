"""The three files of the basic resident register: schema, checks, tasks and a city that does not exist."""
