"""What goes out about our own work: logs and metrics. Never a secret, never a pull request's text."""
