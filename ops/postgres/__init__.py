"""The PostgreSQL that serves: found, started, migrated, connected to."""
