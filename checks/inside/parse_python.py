"""Says which Python files do not parse. Runs inside the sandbox: `python -m checks.inside.parse_python < request.json`.

Request: {"files": [name, ...]}, names relative to the working folder.
Answer: a line {"name", "error"} for each file, "error" being "" for one that parses. It is written as soon as it is
known: should a file bring the interpreter down, those before it are told of, and it is the first that is missing.
"""

import ast
import json
import sys
import warnings
from pathlib import Path


def main() -> None:
    """Read the request on standard input, print the answer."""
    for name in json.load(sys.stdin)["files"]:
        print(json.dumps({"name": name, "error": error_of(Path(name).read_bytes())}), flush=True)


def error_of(source: bytes) -> str:
    """Why it does not parse, in a few words of ours; "" if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python would warn of is not asked
            ast.parse(source)
    except SyntaxError as error:
        return f"syntax error at line {error.lineno or 1}"
    except (RecursionError, MemoryError):
        return "it is nested too deeply"
    except ValueError:
        return "it holds characters that no source file has"
    return ""


if __name__ == "__main__":
    main()
