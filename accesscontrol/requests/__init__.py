"""The one road: every privileged act is a request of a kind, approved for its exact digest, executed once."""
