"""Functions that are written out as text, and made when they are first called."""

from ssc_iati.record.flat import flat, when_called


def test_the_lines_become_a_function_that_sees_its_scope():
    twice = flat("twice", "a test", ["def twice(value):", "    return value * factor"], {"factor": 2})

    assert twice(21) == 42


def test_what_a_function_calls_is_made_once_and_only_when_it_is_called():
    made = []

    def make():
        made.append("made")
        return lambda value: value + 1

    scope = {}
    when_called("below", make, scope)
    above = flat("above", "a test", ["def above(value):", "    return below(value) if value else 0"], scope)

    assert (above(0), made) == (0, [])
    assert (above(1), above(2), made) == (2, 3, ["made"])
