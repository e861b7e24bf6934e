"""What GitHub runs for a repository."""
