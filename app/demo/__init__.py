"""The demo: a real library's releases played as pull requests through the whole gate, against a stand-in for GitHub."""
