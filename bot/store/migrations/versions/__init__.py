"""One module a step; each says which comes before it."""
