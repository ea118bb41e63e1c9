"""The local AWS: one process on loopback that stands in for the account, and a real ``cdk deploy`` into it.

- ``server``, ``corrections``, ``moving_clock``, ``pages`` run inside the emulator's process, in ``.local/venv``, which
  holds nothing but the emulator: a dependency that is missing from the layers fails there as it would on AWS.
- ``emulator`` starts and stops that process, ``deployment`` deploys and mends what the emulator drops, ``up`` and
  ``down`` are the two commands. The journeys use the same two modules on ports and folders of their own.
- ``shop`` is a shop to buy from, in a process and on an origin of its own; ``/panel`` there plays its ERP.
- ``demo`` and ``replay`` show the product at work.
"""
