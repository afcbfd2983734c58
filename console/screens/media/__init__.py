"""The store of media: where each is, what is plugged in, every move, the count, keys, ends, forms and custody."""
