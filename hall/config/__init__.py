"""The configuration: what hall.yaml may say, how it is read, and what must hold across its parts."""

from hall.config.file import load_configuration, load_rules, parse_configuration
from hall.config.settings import Configuration, HallSettings, SiteSettings

__all__ = [
    "Configuration",
    "HallSettings",
    "SiteSettings",
    "load_configuration",
    "load_rules",
    "parse_configuration",
]
