"""The settings of the function that reads files. Each kind of file reads settings of its own besides."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ReaderSettings(Environment):
    """`imports_reader`: files in a bucket into what their kind makes of them."""

    stock_table: str
    inbox_bucket: str
    stock_imports_queue_url: str
    stock_imports_dead_letter_queue_url: str
