"""Findings and tampering as annotations at their lines, within GitHub's limits."""

from collections.abc import Sequence

from app.gate.check_run import ANNOTATION_TITLE_LIMIT, MESSAGE_LIMIT, Annotation, AnnotationLevel
from app.gate.result_model import FindingEntry, TamperingEntry
from app.gate.visible import visible
from app.gate.wording import cut
from checks.finding import Level

MOST = 500
"""More would be ten requests and more than anybody reads."""
MESSAGE_CHARACTERS = MESSAGE_LIMIT // 8

_LEVELS = {
    Level.CRITICAL: AnnotationLevel.FAILURE,
    Level.HIGH: AnnotationLevel.FAILURE,
    Level.MEDIUM: AnnotationLevel.WARNING,
    Level.LOW: AnnotationLevel.NOTICE,
}


def finding_annotations(findings: Sequence[FindingEntry]) -> tuple[Annotation, ...]:
    """One annotation for each finding that has a line, the worst first as they come."""
    made = (
        _annotation(f.file, f.line, f.end_line, _LEVELS[f.level], f.rule, f"{f.text}\n\n{f.fix}".strip())
        for f in findings
    )
    return tuple(annotation for annotation in made if annotation is not None)[:MOST]


def tampering_annotations(places: Sequence[TamperingEntry]) -> tuple[Annotation, ...]:
    """One annotation for each place where the change alters what tests mean."""
    made = (_annotation(p.file, p.line, p.line, AnnotationLevel.WARNING, p.code, p.text) for p in places)
    return tuple(annotation for annotation in made if annotation is not None)[:MOST]


def _annotation(path: str, line: int, end: int, level: AnnotationLevel, title: str, message: str) -> Annotation | None:
    """An annotation, or None where the place cannot be named to GitHub: the report lists it all the same."""
    if line < 1 or not path or not _encodable(path):
        return None
    return Annotation(
        path=path,
        start_line=line,
        end_line=max(line, end),
        level=level,
        title=cut(visible(title), ANNOTATION_TITLE_LIMIT),
        message=cut(visible(message, lines=True), MESSAGE_CHARACTERS) or "No more is known.",
    )


def _encodable(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
