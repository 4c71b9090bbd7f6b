"""The page of worked examples, `docs/report.md`: what a maintainer sees for each verdict."""

from tests.unit.gate.worked_examples import EXAMPLES

_INTRODUCTION = """\
# What the report looks like

One required check run, `mergelock`, and its details `mergelock / tests`, `mergelock / scans` and `mergelock / review`.
A verdict is posted like this, and never as `neutral`, `skipped` or `stale`, for GitHub counts the first two as passed:

| verdict | the check run | what it takes |
|:--|:--|:--|
| `passed` | success | nothing |
| `failed` | failure | a new push |
| `needs-review` | action required | a person's label or approving review of this commit |
| `error`, to be tried again | in progress, with words | waiting |
| `error`, retries ended | action required, with *Run again* | pressing it when the trouble is over |
| no agent's change | success | nothing |

What follows are the summaries of the required check for made-up changes, as the code makes them.
"""


def page() -> str:
    """The whole page in Markdown."""
    parts = [_INTRODUCTION]
    for name, example in EXAMPLES.items():
        required = example.check_runs[0]
        title = f"**`{name}`**, posted as `{required.conclusion}`, titled “{required.title}”"
        parts.append(f"---\n\n{title}\n\n{required.summary}\n")
    return "\n".join(parts)
