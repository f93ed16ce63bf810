"""The IATI standard itself: structure and the schemas compiled from it, codelists, organisation registers."""

VERSIONS = ("2.01", "2.02", "2.03")
