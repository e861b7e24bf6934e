"""Facts that security rules stand on."""
