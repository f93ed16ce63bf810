"""What a source is to what was published before."""

from enum import StrEnum


class Mode(StrEnum):
    """All that is published; something that is merged onto it; rows in place of those of their tables."""

    WHOLE = "whole"
    MERGE = "merge"
    REPLACE = "replace"
