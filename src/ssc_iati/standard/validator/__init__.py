"""The judge of files of IATI XML."""
