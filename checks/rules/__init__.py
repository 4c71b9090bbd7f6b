"""Our own semgrep rules, one file each, with an example beside it."""
