"""Alembic's entry point for this service's schema."""

from backbone.migrations import run_environment

run_environment("intake")
