"""Write the committed ``openapi.json`` (``make schemas``)."""

from infra.operations.openapi.document import COMMITTED, text

COMMITTED.write_text(text(), "utf-8")
print(f"{COMMITTED.name} written")
