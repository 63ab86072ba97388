"""What goes wrong with a store."""

from tonewise.errors import InputError


class StoreError(InputError):
    """A store of calls cannot be opened, read or written."""
