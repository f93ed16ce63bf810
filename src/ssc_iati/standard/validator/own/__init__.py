"""Our own checks beyond the official ones (rules `ssc-iati-...`): `rules/own.toml` states them, and each module here is
one concern; the judge applies them in the same walk, or leaves them out.
"""
