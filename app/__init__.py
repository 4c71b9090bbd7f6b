"""The GitHub App: what GitHub and people see."""

__version__ = "0.1.0"
