"""Work without the search for circles of garbage, where so much is made that lives and so little that is circular."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """A chunk makes many values that live until its end and refer to each other in no circle: looking for some is in
    vain.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            # What lives on counts as old at once: else all of it would be looked through as soon as that is allowed.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
