"""One change from commits to result, as plain functions: `mergelock check` and the durable run both call these."""
