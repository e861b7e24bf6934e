"""What calls of libraries yield, where a row of a model can't say it: a module for each kind, its calls in `CALLS`."""
