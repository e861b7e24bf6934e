"""How findings are told: one module per format, each with one function that takes a `Result`. None reads another."""
