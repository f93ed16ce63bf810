"""From raw rows to checked projects, or to findings."""
