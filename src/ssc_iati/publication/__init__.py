"""The whole story of a publication: plan, guard, release, put in place, go back.

The order makes every crash harmless: the files are made in a folder of the run's own; the ledger takes the release, in
one transaction; the files take their places, in one act where the place can; the ledger notes it. A run that died in
between is repaired by the next: same ledger, same bytes. What stands is then delivered: registered, and read back.
"""

from ssc_iati.publication.deciding import decide, decisions
from ssc_iati.publication.delivery import Delivery, counted, deliver
from ssc_iati.publication.history import history
from ssc_iati.publication.mending import mend
from ssc_iati.publication.past import past_of
from ssc_iati.publication.planning import Planned, plan
from ssc_iati.publication.refusal import Unpublishable
from ssc_iati.publication.registering import register
from ssc_iati.publication.release import asked_of, publish, released
from ssc_iati.publication.resting import rest
from ssc_iati.publication.rollback import rollback
from ssc_iati.publication.session import Session, private_folder, stamp
from ssc_iati.publication.watching import alert_of_run, look, watched

__all__ = [
    "Delivery",
    "Planned",
    "Session",
    "Unpublishable",
    "alert_of_run",
    "asked_of",
    "counted",
    "decide",
    "decisions",
    "deliver",
    "history",
    "look",
    "mend",
    "past_of",
    "plan",
    "private_folder",
    "publish",
    "register",
    "released",
    "rest",
    "rollback",
    "stamp",
    "watched",
]
