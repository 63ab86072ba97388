"""A store of scored calls: an SQLite file, or PostgreSQL by its URL. SQLAlchemy is loaded when one is opened."""

from tonewise.store.calls import KnownCall, KnownModel, Store, open_store
from tonewise.store.opening import StoreError

__all__ = ["KnownCall", "KnownModel", "Store", "StoreError", "open_store"]
