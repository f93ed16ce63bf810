"""The IATI standard itself: structure and the schemas compiled from it, codelists, organisation registers."""
