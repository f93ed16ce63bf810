"""The client of Register Your Data, the IATI Registry's API: a URL is registered once, and again only when it changes.

`reconcile.reconcile` is the whole of it for a publication; `access.check_access` says beforehand whether it can work.
"""
