"""The language: what each statement, expression and operator does to what is known."""
