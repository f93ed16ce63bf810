"""Findings and runs as people read them: on the terminal, as JSON Lines, as a page."""
