"""The app `care`."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "care"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what changes in stock and catalogue."""
        from care import telling  # noqa: PLC0415 - models are not there any sooner

        telling.listen()
