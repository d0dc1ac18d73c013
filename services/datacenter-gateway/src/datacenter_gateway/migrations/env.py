"""Alembic's entry point for this service's schema."""

from backbone.revisions import run_environment

run_environment("gateway")
