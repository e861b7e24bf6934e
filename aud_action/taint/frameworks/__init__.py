"""Frameworks: what their routes, schemas, forms and parsers let through, and what their responses hold."""
