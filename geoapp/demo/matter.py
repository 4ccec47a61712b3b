"""One matter of the demo city: its line of the catalogue, and what the generator has to know of it."""

from __future__ import annotations

from dataclasses import dataclass

from geoapp.city import MatterSpec


@dataclass(frozen=True, slots=True)
class Told:
    """on is the layer whose features it happens at, or layer/class; often its share; wet how much more rain brings.

    when: any time people are about, in the evening, at night, or some days after the rain.
    """

    spec: MatterSpec
    on: str
    often: float
    wet: float
    when: str
    says: tuple[str, str]

    @property
    def layer(self) -> str:
        """The layer whose features it happens at."""
        return self.on.partition("/")[0]


def told(
    category: str, code: str, zh: str, en: str, keywords: str, on: str, often: float, wet: float, when: str, *,
    says: tuple[str, str], urgent: bool = False,
) -> Told:  # fmt: skip
    """One matter, its keywords parted by a bar."""
    spec = MatterSpec(category, code, {"zh": zh, "en": en}, tuple(keywords.split("|")), urgent=urgent)
    return Told(spec, on, often, wet, when, says)
