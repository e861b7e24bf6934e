"""How it is known: generators from AST nodes to rows."""

OWNER = "aud-action"
