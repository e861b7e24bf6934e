"""What a run changes: names, attributes, state that outlives it, and what of it reaches the caller."""
