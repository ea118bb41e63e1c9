"""What every feature stands on: clock, environment, logging, HTTP, queues, the bus, tables, signed links.

Nothing here knows a feature. Nothing is re-exported, so a function pays only for what it imports.
"""
