"""Links: a small service that gives long addresses short names."""

__version__ = "1.0.0"
