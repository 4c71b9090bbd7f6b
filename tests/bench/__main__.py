"""`make bench`: everything that is measured, one after the other, side by side within each; prints JSON."""

import json
import subprocess
import sys

PARTS = ("sandboxes", "scans", "intake", "gated")


def main() -> int:
    """Run each part as a process of its own, so that none warms another; 1 where one could not be measured."""
    failed = 0
    for part in PARTS:
        sys.stdout.write(f"== {part}\n")
        sys.stdout.flush()
        done = subprocess.run((sys.executable, "-m", f"tests.bench.{part}"), check=False)
        if done.returncode != 0:
            failed = 1
            sys.stdout.write(json.dumps({"part": part, "could not be measured": done.returncode}) + "\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
