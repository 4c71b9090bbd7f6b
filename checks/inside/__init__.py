"""Programs of ours that run inside the sandbox, beside the scanners: standard library and scanners' packages only."""
