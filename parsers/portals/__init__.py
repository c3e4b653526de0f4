"""Reading portals as portals: which division a link names, whose page this is, and what that proves. Pure.

``links.py`` finds every way from one portal to another, ``names.py`` says which division a text names, ``identity.py``
what a page says of itself, ``proof.py`` what that proves, all visits of a run taken together.
"""

from parsers.portals.identity import Identity, identify
from parsers.portals.links import Way, ways
from parsers.portals.model import Explored, Finding, Source, Visit
from parsers.portals.names import Named, name_of, named
from parsers.portals.proof import judge, plausible

__all__ = [
    "Explored",
    "Finding",
    "Identity",
    "Named",
    "Source",
    "Visit",
    "Way",
    "identify",
    "judge",
    "name_of",
    "named",
    "plausible",
    "ways",
]
