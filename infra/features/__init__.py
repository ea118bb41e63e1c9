"""One module per feature: its table, queues, functions, their permissions, its part of the dashboard."""
