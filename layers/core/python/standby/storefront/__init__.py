"""Storefront: what a shop's pages load to show what Standby knows.

It promises that a page gets the elements that were built and committed, byte for byte, and no other file: names are
looked up in the bundle's manifest, never on a disk. Elements and pages are in ``layers/storefront`` (JavaScript);
its README is the guide for a shop's developer. The API's reference (``/v1/docs``, ``/v1/openapi.json``) is handed out
the same way, with a policy of its own for its page.

Functions: ``storefront_api``, which may do nothing but answer. Events: none.
"""
