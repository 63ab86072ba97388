"""Run by Alembic: migrates over the connection that `store.opening` gives it."""

from alembic import context

if __name__ == "env_py":  # Alembic's name for it; whoever imports it, such as a documentation tool, has no connection
    context.configure(connection=context.config.attributes["connection"])
    context.run_migrations()
