"""E-mail addresses that seem to be a person's: a hint, since what is published stays public.

By the shape of the address alone: a given and a family name, or an account with a provider for private persons. What
names an office (`info`, `contacto`, `secretaria`) is none, whoever provides it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ssc_iati.standard.validator.kinds import Test, Wants
from ssc_iati.standard.validator.own.grouped import each_value
from ssc_iati.text import fold

_LONGEST = 320  # signs: an address cannot be longer
_ADDRESS = re.compile(r"(?P<who>[^\s@<>,;:]+)@(?P<where>[^\s@<>,;:]+\.[^\s@<>,;:]+)")
_NAMES = re.compile(r"[^\W\d_](?:\.[^\W\d_])?[._][^\W\d_]{3,}\d{0,4}|[^\W\d_]{2,}[._][^\W\d_]{2,}(?:[._-][^\W\d_]{2,})?\d{0,4}")
_PRIVATE = frozenset(
    """gmail googlemail hotmail outlook live msn yahoo ymail rocketmail icloud me mac aol gmx protonmail proton
    zoho mail yandex qq 163 126 uol bol terra ig orange wanadoo laposte free sapo""".split()
)
_OFFICE = frozenset(
    """about access account accounts activities admin administracion administracao administration agencia agency agence
    aid aide aids assistance ayuda bank bureau campaign center centre centro cfo child children civil climate comms
    communication communications comunicacion comunicacoes comunicaciones consultas contact contacto contactos contacts
    contact contato cooperacao cooperacion cooperation coop coordination country customer data datos dados department
    dept desk dev development direccion director diretoria direcao directorate donor donors education embajada embassy
    embaixada enquiries enquiry environment europe eval evaluation evaluacion events feedback field finance finances
    financas finanzas foi foundation fundacion fundacao general generale global gouv gov government grants group health
    help helpdesk hq hr human iati imprensa info informacion informacoes information informations inquiries inquiry
    institute int international internacional it journalist legal library mail mailbox mailing management manager
    marketing media mel members membership mesa mission monitoring my national news ngo no noreply office officer
    oficina ong ops org organisation organization ouvidoria partner partners partnerships people planning policy poststelle prensa
    presidencia press presse procurement program programa programme programmes programs project projects projet projets
    projeto projetos proyecto proyectos public publications publish publishing queries reception recepcao recepcion
    records regional reply reporting representation request research rights rural sales salud saude secretaria
    secretariat secretariado secretary section service services servicio servicios servico servicos social statistics
    stats support sustainability team tech technical trade training transparencia transparency transparence trust unit
    unite united urban volunteer water web webmaster women world youth""".split()
)


def no_person(wants: Wants) -> Test:
    """None of the addresses seems to be a person's; the message shows no more of it than its first sign and domain."""
    return each_value(wants, _is_personal, _veiled)


@lru_cache(maxsize=4_096)
def _is_personal(value: str) -> bool:
    bare = value.strip().removeprefix("mailto:")
    parts = _ADDRESS.fullmatch(bare) if len(bare) <= _LONGEST else None
    if parts is None:
        return False
    who, where = parts["who"].partition("+")[0], fold(parts["where"]).split()
    if _names_an_office(who):
        return False
    return where[0] in _PRIVATE or _NAMES.fullmatch(who) is not None


def _names_an_office(who: str) -> bool:
    words = fold(who).split()
    return any(word.rstrip("0123456789") in _OFFICE for word in words) or words[0].startswith(_BEGINNINGS)


_BEGINNINGS = ("info", "contact", "contato", "admin", "oficina", "secret", "project", "proye", "projet", "ong", "ngo")


def _veiled(value: str) -> str:
    bare = value.strip().removeprefix("mailto:")
    return f"{bare[0]}…@{bare.rpartition('@')[2]}"
