"""How stores of older versions become stores of this one, by Alembic."""
