"""Codes of languages that are still sent for the ones that replaced them (ISO 639, 1989)."""

OLD_CODES = {"iw": "he", "in": "id", "ji": "yi"}
