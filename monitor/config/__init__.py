"""The settings: `find` the folder, `load` its files and the environment into checked values."""

from monitor.config.entries import web_address, without_credentials
from monitor.config.find import find, shipped
from monitor.config.load import (
    Settings,
    load,
    load_feeds,
    load_fetch,
    load_sites,
    load_store,
    load_usable,
    load_watchlist,
    load_watchlists,
    stamp,
    where,
)
from monitor.config.unfed import unfed

__all__ = [
    "Settings",
    "find",
    "load",
    "load_feeds",
    "load_fetch",
    "load_sites",
    "load_store",
    "load_usable",
    "load_watchlist",
    "load_watchlists",
    "shipped",
    "stamp",
    "unfed",
    "web_address",
    "where",
    "without_credentials",
]
