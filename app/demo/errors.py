"""What can go wrong with the demo itself."""


class DemoError(Exception):
    """The demo could not be played; its text says what to do."""
