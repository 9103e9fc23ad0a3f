"""The settings: `find` the folder, `load` its files and the environment into checked values."""

from monitor.config.find import find, shipped
from monitor.config.load import Settings, load

__all__ = ["Settings", "find", "load", "shipped"]
