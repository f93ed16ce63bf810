"""The IATI standard itself: structure and the schemas compiled from it, codelists, organisation registers."""

VERSIONS = ("2.01", "2.02", "2.03")
SNAPSHOT = "2026-06"
"""The month of which the codelists in the package are."""
