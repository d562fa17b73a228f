"""The background: jobs, their schedule and their queue."""
