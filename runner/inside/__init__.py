"""Programs that run inside a sandbox, on whatever Python is there: standard library only, importing nothing of ours."""
