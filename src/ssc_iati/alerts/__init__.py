"""Alerts: what needs a person is told when it begins and when it ends, by e-mail and to a web address; not again."""
