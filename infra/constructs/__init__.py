"""The building blocks of every feature: a function, a queue, a table, the bus, the API, the alarms."""
