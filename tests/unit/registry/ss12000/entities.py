"""Made-up entities of a server, and hypothesis strategies for whatever else one may send."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from services.registry.sources.ss12000.references import Programme, References
from services.registry.sources.ss12000.school_types import COMPULSORY, LEISURE, OTHER
from tests.unit.registry.files import made_up_number

READ_ON = date(2026, 2, 3)
PERSON, SCHOOL, NA, IM = (UUID(int=which) for which in range(1, 5))
REFS = References(
    {SCHOOL: "12345678"}, None, {NA: Programme("Yrkesprogram", "NA", None), IM: Programme("x", "IMV", None)}
)
KNOWN_TYPES = sorted(COMPULSORY | OTHER | LEISURE | {"GY", "GYS"})
Entity = dict[str, Any]


def enrolled(school_type: str = "GY", **changes: Any) -> Entity:
    return {
        "enroledAt": {"id": str(SCHOOL)},
        "schoolType": school_type,
        "startDate": "2024-08-19",
        "programme": {"id": str(NA)},
        **changes,
    }


def pupil(*enrolments: Any, **changes: Any) -> Entity:
    return {"id": str(PERSON), "civicNo": {"value": made_up_number(0)}, "enrolments": list(enrolments), **changes}


# Whatever a server sends: JSON of any shape, and shapes near to right ones.
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=12)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
days = st.dates(date(2018, 1, 1), date(2030, 12, 31)).map(str)


def mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nineteen times in twenty something right, else anything."""
    return st.sampled_from(range(20)).flatmap(lambda which: right if which != 10 else anything)


@st.composite
def near(draw: st.DrawFn, fields: dict[str, st.SearchStrategy[Any]]) -> Entity:
    """A dictionary with these fields, mostly right, from which some may be missing."""
    made = {name: draw(mostly(strategy)) for name, strategy in fields.items()}
    if (missing := draw(st.sampled_from([*[None] * 3, *sorted(fields)]))) is not None:
        del made[missing]
    return made


def reference(*which: UUID) -> st.SearchStrategy[Any]:
    return mostly(st.fixed_dictionaries({"id": st.sampled_from([str(one) for one in which])}))


near_enrolments = near(
    {
        "enroledAt": reference(SCHOOL),
        "schoolType": st.sampled_from([*KNOWN_TYPES, "GYX", "gy"]),
        "schoolYear": st.integers(0, 10),
        "startDate": days,
        "endDate": days | st.none(),
        "cancelled": st.booleans(),
        "programme": reference(NA, IM, UUID(int=99)),
        "educationCode": st.sampled_from(["NANAT", "IMV", "IB", ""]),
    }
)
near_persons = near(
    {
        "id": st.just(str(PERSON)),
        "civicNo": st.fixed_dictionaries({"value": mostly(st.integers(0, 5).map(made_up_number))}),
        "enrolments": st.lists(mostly(near_enrolments), max_size=4),
        "emails": st.lists(near({"value": st.just("a@b.se"), "type": st.just("Privat")}), max_size=2),
        "phoneNumbers": st.lists(near({"value": st.just("0701740605"), "mobile": st.booleans()}), max_size=2),
        "securityMarking": st.sampled_from(["Ingen", "Sekretessmarkering"]),
        "meta": near({"modified": days}),
        "birthDate": days,
    }
)
right_enrolments = st.builds(
    lambda school_type, starts, length, cancelled: enrolled(
        school_type,
        startDate=str(starts),
        endDate=None if length is None else str(starts + timedelta(days=length)),
        cancelled=cancelled,
    ),
    st.sampled_from(KNOWN_TYPES),
    st.dates(date(2018, 1, 1), date(2030, 12, 31)),
    st.none() | st.integers(0, 1500),
    st.booleans(),
)
reading_days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
