"""The countries and regions whose public holidays are known: ISO codes such as DE and DE-BY."""

from functools import cache


@cache
def has_holidays(region: str) -> bool:
    """Whether the public holidays of a country or of a region of it are known."""
    import holidays  # a tenth of a second, which only a model that names a region has to wait

    country, _, subdivision = region.partition("-")
    try:
        holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        return False
    return True


@cache
def regions_with_holidays() -> tuple[str, ...]:
    """All of them; loads every country, so only for telling what there is."""
    import holidays

    known = holidays.list_supported_countries()
    return tuple(name for country, parts in known.items() for name in (country, *(f"{country}-{p}" for p in parts)))
