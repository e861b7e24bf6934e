"""Tasks, schedules and consumers of messages."""
