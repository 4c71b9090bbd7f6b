"""Policies and texts as Hypothesis draws them."""

from hypothesis import strategies as st

from app.gate.policy import Gate, Hold, Mode, Permission, Policy
from checks.finding import Level

names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
name_lists = st.lists(names, max_size=3, unique=True)
modes = st.sampled_from(list(Mode))


def section(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """A mapping in which any of the keys may be left out."""
    return st.fixed_dictionaries({}, optional={key.replace("_", "-"): value for key, value in fields.items()})


def _limits() -> st.SearchStrategy[dict[str, object]]:
    return section(
        cpus=st.sampled_from([0.5, 1.0, 2.0, 8.0]),
        memory=st.sampled_from(["512MiB", "4GiB", 8 * 1024**3]),
        processes=st.integers(8, 1000),
        disk=st.sampled_from(["64MiB", "16GiB"]),
        time=st.sampled_from(["30s", "20m", "1h30m", 90]),
        output=st.sampled_from(["1MiB", "20MiB"]),
    )


def _environment() -> st.SearchStrategy[dict[str, object]]:
    words = st.lists(names, min_size=1, max_size=3)
    return section(
        language=st.sampled_from(["auto", "python"]),
        image=st.none(),
        install=st.none() | words,
        test=st.none() | words,
        limits=_limits(),
    )


documents: st.SearchStrategy[dict[str, object]] = st.builds(
    lambda rest: {"version": 1, **rest},
    section(
        gate=st.sampled_from(list(Gate)),
        agents=section(logins=name_lists, labels=name_lists, branches=name_lists, trailers=name_lists),
        environment=_environment(),
        network=section(install=st.lists(st.sampled_from(["language", "a.example", "b.example"]), unique=True)),
        hold=st.lists(st.sampled_from(list(Hold)), unique=True),
        checks=section(
            semgrep=modes,
            bandit=modes,
            secrets=modes,
            hidden_text=modes,
            block_at=st.sampled_from(list(Level)),
            rules=st.just([]),
        ),
        tests=section(required=st.booleans(), evidence=modes, flaky_retries=st.integers(0, 3), tampering=modes),
        review=section(
            label=names,
            approvals=st.integers(1, 10),
            permission=st.sampled_from(list(Permission)),
            requester_may_approve=st.booleans(),
            exact_commit=st.booleans(),
        ),
        protected_paths=st.lists(
            st.fixed_dictionaries(
                {"paths": st.lists(st.sampled_from(["a/**", "*.md", "b"]), min_size=1), "approvals": st.integers(1, 4)}
            ),
            max_size=3,
        ),
    ),
)
"""What a policy file may say, as data."""

policies: st.SearchStrategy[Policy] = documents.map(lambda data: Policy.model_validate(data, by_alias=True))

hostile_texts = st.text(
    st.sampled_from(list("`*_[]()<>!|#@&\\~$^{}:;/.,-+=\"' \n\t\r0aAfwWhHtTpPsGgcom"))
    | st.sampled_from(["\u202e", "\u200b", "\x1b", "\x00", "\ud800", "\u2028", "\ufeff", "é", "😀"])
    | st.characters(),
    max_size=60,
)
"""Text by somebody who has read how it is escaped."""

hostile_pieces = st.lists(
    st.sampled_from(
        [
            "@octocat",
            "@org/team",
            "#12",
            "GH-12",
            "o/r#3",
            "https://evil.example/x",
            "http://evil.example",
            "www.evil.example",
            "a@evil.example",
            "mailto:a@evil.example",
            "[x](https://evil.example)",
            "![x](https://evil.example/y.png)",
            "<img src=x onerror=y>",
            "<a href=x>",
            "</details>",
            "<!-- x",
            "-->",
            "```",
            "````",
            "~~~",
            "`",
            "``",
            "\n\n",
            "\n# head\n",
            "| a | b |\n|--|--|\n",
            "- item",
            "1. one",
            "> quote",
            "\n===\n",
            "\n---\n",
            "    code",
            "[ref]: https://evil.example",
            "<https://evil.example>",
            ":white_check_mark:",
            "**bold**",
            "\\",
            "&lt;b&gt;",
            "&#60;b&#62;",
            "$x$",
            "[^1]",
            "deadbeefdeadbeef",
        ]
    )
    | hostile_texts,
    max_size=8,
).map("".join)
"""Pieces of Markdown that would do something, strung together."""
