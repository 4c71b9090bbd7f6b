"""What can go wrong with the store."""


class StoreError(Exception):
    """The base of the store's errors; its text says what to do next."""


class SchemaBehind(StoreError):  # noqa: N818 - a state, named as /readyz names it
    """The database's tables are not those of this version."""


class TooLarge(StoreError):  # noqa: N818
    """A value is over its bound.

    Attributes:
        limit: the bound in characters.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"a value is over its bound of {limit} characters: cut it before it is stored")
        self.limit = limit
