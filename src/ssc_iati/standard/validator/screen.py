"""Says at once of several tests of the same texts that none of them can find anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import TextCheck

Screen = Callable[[Element, Found], bool]

_MOST_REMEMBERED, _LONGEST = 4_096, 200


def screen(checks: Sequence[TextCheck]) -> Screen:
    """Whether any of the texts is wrong for any of these checks, which look at the same ones. Texts that were well are
    remembered: references and links come again and again.
    """
    wrongs, paths, well = [each.is_wrong for each in checks], checks[0].paths, set[str]()

    def is_suspect(element: Element, found: Found) -> bool:
        for path in paths:
            for _, said in path.hits(element, found):
                if said in well:
                    continue
                if any(is_wrong(said) for is_wrong in wrongs):
                    return True
                if len(said) <= _LONGEST:
                    if len(well) >= _MOST_REMEMBERED:
                        well.clear()
                    well.add(said)
        return False

    return is_suspect
