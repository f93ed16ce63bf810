"""What leaves the house: files written whole or not at all, what was set aside, and the ledger of what was published
when.
"""
