"""Compile the public holidays of countries (``make schemas``).

The source is the library holidays, which is far too large for a function. Its dates of years to come follow the law as
it is today, and some calendars are only estimated; compile them anew each year. `standby.platform.holidays` reads the
result, a file a country.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import holidays
from standby.platform import holidays as compiled
from standby.platform.counted import counted

COUNTRIES = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"),
    *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    *("AU", "BR", "CA", "CH", "GB", "IL", "NO", "NZ", "US"),
)
"""The European Union, and where else the markets of `rules` and the shops of the measured records are."""
YEARS = range(2025, 2041)


def text(country: str) -> str:
    """Return a country's file, a line a year."""
    found = holidays.country_holidays(country, years=YEARS)
    years = {year: sorted(f"{day:%m-%d}" for day in found if day.year == year) for year in YEARS}
    weekend = sorted(day + 1 for day in holidays.country_holidays(country, years=YEARS.start).weekend)
    lines = ",\n".join(f'    "{year}": {json.dumps(days)}' for year, days in years.items())
    return f'{{\n  "weekend": {weekend},\n  "years": {{\n{lines}\n  }}\n}}\n'


def documents() -> Iterator[tuple[Path, str]]:
    """Yield each country's file and the text that it should have."""
    for country in COUNTRIES:
        yield compiled.FOLDER / f"{country}.json", text(country)


def main(arguments: list[str]) -> int:
    """Write the files anew."""
    argparse.ArgumentParser(prog="make schemas", description=__doc__).parse_args(arguments)
    written = list(documents())
    for path, content in written:
        path.write_text(content, "utf-8")
    sys.stdout.write(f"holidays of {counted(len(written), 'country', 'countries')} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
