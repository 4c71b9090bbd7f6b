"""The rules that are ours, read from their files: for the reference page and for tests. No scan needs it."""

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from checks.finding import Level
from checks.semgrep_rules import OUR_RULES


@dataclass(frozen=True, slots=True)
class Rule:
    """One of our semgrep rules. `id` is also its file's and its example's name."""

    id: str
    languages: tuple[str, ...]
    level: Level
    cwe: str
    why: str
    fix: str
    file: Path
    example: Path


def our_rules(folder: Path = OUR_RULES) -> tuple[Rule, ...]:
    """All rules beneath a folder, by id. Raises `KeyError` or `ValueError` where a file does not say all it must."""
    yaml = YAML(typ="safe")
    rules = []
    for file in sorted(folder.glob("*/*.yaml")):
        for entry in yaml.load(file.read_text(encoding="utf-8"))["rules"]:
            metadata = entry["metadata"]
            rules.append(
                Rule(
                    id=entry["id"],
                    languages=tuple(entry["languages"]),
                    level=Level(metadata["level"]),
                    cwe=metadata["cwe"],
                    why=entry["message"],
                    fix=metadata["fix"],
                    file=file,
                    example=_example(file),
                )
            )
    return tuple(rules)


def table(rules: tuple[Rule, ...]) -> str:
    """The rules as a Markdown table, for docs/checks.md."""
    head = "| rule | level | CWE | why |\n|---|---|---|---|\n"
    return head + "".join(f"| `{r.id}` | {r.level} | {r.cwe} | {_cell(r.why)} |\n" for r in rules)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _example(file: Path) -> Path:
    """The example beside a rule's file, whatever its suffix."""
    found = sorted((file.parent / "examples").glob(f"{file.stem}.*"))
    if len(found) != 1:
        raise ValueError(f"{file.name} needs exactly one example in {file.parent.name}/examples, and has {len(found)}")
    return found[0]


if __name__ == "__main__":
    print(table(our_rules()), end="")
