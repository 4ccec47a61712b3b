"""Which tickets that are not public somebody sees, as one thing that every query asks for."""

from __future__ import annotations

from geoapp.people.rights import SEE_INSIDE, reach
from geoapp.records import Person
from geoapp.store.queries.sight import PUBLIC_ONLY, Sight


def sight_of(person: Person | None) -> Sight:
    """What somebody sees beside what is public; who must change the password first sees no more than anybody."""
    if person is None or (person.must_change and person.scopes is None):
        return PUBLIC_ONLY
    found = reach(person, SEE_INSIDE)
    return Sight(found.everywhere, found.cities, found.area_keys, found.units)
