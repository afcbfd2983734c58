"""The demo city: people who are not real, their work of a month, and how one signs in as any of them."""
