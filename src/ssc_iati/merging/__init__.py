"""A source that says only part, onto what was accepted last: which rows it means, and what becomes of each.

It works on the values of a record, before they are checked: what comes out is checked like any other record. Nothing is
guessed: a row that may mean several is a finding that names them.
"""
