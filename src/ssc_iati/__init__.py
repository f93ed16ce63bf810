"""South-South cooperation records, checked, mapped to IATI 2.03, validated and published."""

__version__ = "0.1.0"
