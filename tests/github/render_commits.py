"""Commits, files and contents as GitHub writes them."""

import base64

from tests.github.render_accounts import AccountRenderer, Json, node
from tests.github.world import Repository

_VERIFICATION = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


class CommitRenderer(AccountRenderer):
    """Writes what comes from git."""

    def commit(self, repository: Repository, item: Json) -> Json:
        url = f"{self.api}/repos/{repository.full_name}"
        html = f"{self.world.url}/{repository.full_name}/commit"
        return {
            "sha": item["sha"],
            "node_id": node("Commit", item["sha"]),
            "commit": {
                "author": signature(item, "a"),
                "committer": signature(item, "c"),
                "message": item["message"],
                "tree": {"sha": item["tree"], "url": f"{url}/git/trees/{item['tree']}"},
                "url": f"{url}/git/commits/{item['sha']}",
                "comment_count": 0,
                "verification": _VERIFICATION,
            },
            "url": f"{url}/commits/{item['sha']}",
            "html_url": f"{html}/{item['sha']}",
            "comments_url": f"{url}/commits/{item['sha']}/comments",
            "author": self.account(item["ae"]),
            "committer": self.account(item["ce"]),
            "parents": [
                {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{html}/{sha}"} for sha in item["parents"]
            ],
        }

    def git_commit(self, repository: Repository, item: Json) -> Json:
        url = f"{self.api}/repos/{repository.full_name}/git"
        html = f"{self.world.url}/{repository.full_name}/commit"
        return {
            "sha": item["sha"],
            "node_id": node("Commit", item["sha"]),
            "url": f"{url}/commits/{item['sha']}",
            "html_url": f"{html}/{item['sha']}",
            "author": signature(item, "a"),
            "committer": signature(item, "c"),
            "tree": {"sha": item["tree"], "url": f"{url}/trees/{item['tree']}"},
            "message": item["message"],
            "parents": [
                {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{html}/{sha}"} for sha in item["parents"]
            ],
            "verification": _VERIFICATION,
        }

    def account(self, email: str) -> Json | None:
        user = self.world.emails.get(email)
        return self.user(user) if user else None

    def file(self, repository: Repository, head: str, item: Json) -> Json:
        path = item["filename"]
        return item | {
            "changes": item["additions"] + item["deletions"],
            "blob_url": f"{self.world.url}/{repository.full_name}/blob/{head}/{path}",
            "raw_url": f"{self.world.url}/{repository.full_name}/raw/{head}/{path}",
            "contents_url": f"{self.api}/repos/{repository.full_name}/contents/{path}?ref={head}",
        }

    def content(self, repository: Repository, path: str, blob: str, data: bytes, ref: str) -> Json:
        url = f"{self.api}/repos/{repository.full_name}/contents/{path}?ref={ref}"
        git_url = f"{self.api}/repos/{repository.full_name}/git/blobs/{blob}"
        html = f"{self.world.url}/{repository.full_name}/blob/{ref}/{path}"
        large = len(data) > 1024 * 1024
        return {
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": blob,
            "size": len(data),
            "url": url,
            "html_url": html,
            "git_url": git_url,
            "download_url": f"{self.world.url}/{repository.full_name}/raw/{ref}/{path}",
            "type": "file",
            "content": "" if large else base64.encodebytes(data).decode(),
            "encoding": "none" if large else "base64",
            "_links": {"self": url, "git": git_url, "html": html},
        }

    def committed(self, repository: Repository, item: Json) -> Json:
        return self.git_commit(repository, item) | {"event": "committed"}


def signature(item: Json, who: str) -> Json:
    return {"name": item[f"{who}n"], "email": item[f"{who}e"], "date": item[f"{who}d"]}


def simple_commit(item: Json) -> Json:
    """A commit as check suites hold it."""
    return {
        "id": item["sha"],
        "tree_id": item["tree"],
        "message": item["message"],
        "timestamp": item["cd"],
        "author": {"name": item["an"], "email": item["ae"]},
        "committer": {"name": item["cn"], "email": item["ce"]},
    }


def push_commit(item: Json, url: str) -> Json:
    """A commit as push events hold it."""
    return simple_commit(item) | {
        "distinct": True,
        "url": f"{url}/commit/{item['sha']}",
        "added": [],
        "removed": [],
        "modified": [],
    }
