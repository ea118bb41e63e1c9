"""The settings of the stock functions, a class for each function."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`stock_api`: takes messages in, reads and writes settings, explains."""

    stock_table: str
    stock_updates_queue_url: str
    stock_sweeps_queue_url: str
    inbox_bucket: str
    id_case: str = "exact"
    """How ids are read (`standby.platform.identifier.Ids`)."""


@frozen(kw_only=True)
class CountsSettings(Environment):
    """`imports_reader`, for stock files: where a dry run reads levels, and where messages go."""

    stock_table: str
    stock_updates_queue_url: str
    id_case: str = "exact"


@frozen(kw_only=True)
class IngesterSettings(Environment):
    """`stock_ingester`: the ERP's messages into the ledger."""

    stock_table: str
    stock_updates_queue_url: str
    stock_updates_dead_letter_queue_url: str
    stock_sweeps_queue_url: str
    id_case: str = "exact"


@frozen(kw_only=True)
class DetectorSettings(Environment):
    """`stock_detector`: the ledger's stream into events, settle messages and jobs for kits."""

    event_bus_name: str
    stock_settle_queue_url: str
    stock_kits_queue_url: str


@frozen(kw_only=True)
class RecorderSettings(Environment):
    """`stock_recorder`: what the catalogue says of SKUs into the ledger."""

    stock_table: str
    stock_kits_queue_url: str
    stock_sweeps_queue_url: str
    stock_updates_dead_letter_queue_url: str


@frozen(kw_only=True)
class KitterSettings(Environment):
    """`stock_kitter`: what kits are made of, and their numbers."""

    stock_table: str
    stock_kits_queue_url: str
    stock_updates_dead_letter_queue_url: str


@frozen(kw_only=True)
class SettlerSettings(Environment):
    """`stock_settler`: crossings into restocks."""

    stock_table: str
    event_bus_name: str
    stock_settle_queue_url: str
    stock_updates_dead_letter_queue_url: str


@frozen(kw_only=True)
class SweeperSettings(Environment):
    """`stock_sweeper`: what is due, what was never announced, what must be recomputed; a page at a time."""

    stock_table: str
    event_bus_name: str
    stock_settle_queue_url: str
    stock_kits_queue_url: str
    stock_sweeps_queue_url: str
    stock_updates_dead_letter_queue_url: str
