"""Flask: what applications, blueprints and extensions are given."""
