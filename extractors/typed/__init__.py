"""Types: protocols, type parameters, typed dictionaries, enumerations."""
