"""The jinja2 templates of reports and generated pages."""

OWNER = "aud-action"
