"""The page of a rehearsal: a chart of the cost by month and rule (SVG), and tables of the same figures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from standby.compensation.policy_model import CHOICE
from standby.compensation.rehearsal_words import WHY, money
from standby.compensation.rehearsing import Choices, Costs, Sum

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 900, 300, 96, 16, 28, 12
COLOURS = ("#2563a8", "#c2571a", "#3f7d34", "#8a4a9e", "#9a7b0a", "#0f7c86", "#b03052", "#5b6470")
"""Each is told from its neighbours, and from either background, by those who see few colours too."""
LINES = 4
STYLE = """
:root{color-scheme:light dark;--text:#1c2330;--soft:#5a6474;--line:#d5dae2;--back:#fff}
@media (prefers-color-scheme:dark){:root{--text:#e8ebf0;--soft:#a3adbb;--line:#39414e;--back:#14181f}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);margin:0 auto;max-width:60rem;
padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2.25rem 0 .5rem}p{margin:.25rem 0;color:var(--soft)}
.sum{font-size:2rem;font-weight:650;color:var(--text);margin:.25rem 0 0}
svg{width:100%;min-width:36rem;height:auto;display:block}
svg text{fill:var(--soft);font-size:12px}svg line{stroke:var(--line)}
.scroll{overflow-x:auto}.tables{display:grid;align-items:start;gap:0 2rem;
grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}caption{text-align:start;font-weight:600;
padding:1.25rem 0 .25rem}td,th{padding:.3rem .5rem .3rem 0;border-block-end:1px solid var(--line);text-align:end;
white-space:nowrap;font-weight:400}th{text-align:start;white-space:normal}i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;
margin-inline-end:.4rem}
"""


class Shown(NamedTuple):
    """What a rehearsal came to, as its page shows it."""

    about: Sequence[str]
    """Sentences about what was rehearsed."""
    costs: Mapping[str, Costs]
    """By currency."""
    refused: Mapping[str, int]
    """What was given nothing, by why."""
    other: Mapping[str, Costs] | None = None
    """What the policy beside would have cost; ``None``: there is none."""
    other_name: str = "The other policy"
    unsure: Mapping[str, int] | None = None
    """What is not certain, by why."""
    choices: Mapping[str, Choices] | None = None
    """Past choices of the same options, by currency."""


def page(shown: Shown) -> str:
    """Return the page. Whatever comes from orders or the policy is escaped."""
    parts = [
        "<h1>What a policy would have cost</h1>",
        *(f"<p>{escape(sentence)}</p>" for sentence in shown.about),
        *(part for currency in sorted(shown.costs) for part in _currency(currency, shown)),
        _reasons("Late, and given nothing", shown.refused),
        _reasons("What is not certain", shown.unsure or {}),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>What a policy would have cost</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _currency(currency: str, shown: Shown) -> Iterator[str]:
    costs = shown.costs[currency]
    yield f"<h2>{currency}</h2><p class=sum>{money(costs.total.amount, currency)}</p>"
    choice = costs.by_kind.get(CHOICE)
    if choice is not None:
        kept = money(choice.amount, currency)
        yield f"<p>Of that, {kept} is kept for choices, which count by their dearest remedy.</p>"
    known = (shown.choices or {}).get(currency)
    if known is not None:
        yield (
            f"<p>Customers had {known.count:,} of these very choices before: {money(known.reserved, currency)} was "
            f"kept for them, and they came to {money(known.came_to, currency)}.</p>"
        )
    if shown.other is not None:
        other = shown.other.get(currency, Costs()).total
        yield f"<p>{escape(shown.other_name)}: {money(other.amount, currency)}, given {other.count:,} times.</p>"
    colours = {rule: COLOURS[place % len(COLOURS)] for place, rule in enumerate(_by_amount(costs.by_rule))}
    drawn = chart(currency, costs, colours)
    yield f"<div class=scroll tabindex=0 role=region aria-label='By month'>{drawn}</div><div class=tables>"
    for title, sums in (
        ("rule", costs.by_rule),
        ("remedy", costs.by_kind),
        ("month", costs.by_month),
        ("tier", costs.by_tier),
    ):
        yield _table(title, currency, sums, colours if title == "rule" else {})
    yield "</div>"


def chart(currency: str, costs: Costs, colours: Mapping[str, str]) -> str:
    """Return bars of what each month would have cost, made of what each rule would have."""
    months = sorted(costs.by_month)
    highest = _round(max((each.amount for each in costs.by_month.values()), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(months))
    high = HEIGHT - BOTTOM - TOP
    drawn = []
    for number in range(LINES + 1):
        y = TOP + high * (1 - number / LINES)
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = money(highest * number // LINES, currency)
        drawn.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    every = max(1, -(-len(months) // 12))
    for place, month in enumerate(months):
        x, top = LEFT + place * step, float(TOP + high)
        for rule, colour in colours.items():
            amount = costs.by_month_and_rule[month].get(rule, 0)
            tall = high * amount / highest
            if tall:
                top -= tall
                about = escape(f"{month}, {rule}: {money(amount, currency)}")
                drawn.append(
                    f'<rect x="{x + step * 0.15:.1f}" y="{top:.1f}" width="{step * 0.7:.1f}" height="{tall:.1f}" '
                    f'fill="{colour}"><title>{about}</title></rect>'
                )
        if place % every == 0:
            drawn.append(f'<text x="{x + step / 2:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{month}</text>')
    said = escape(f"Cost by month in {currency}, from {months[0]} to {months[-1]}" if months else "Nothing")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">{"".join(drawn)}</svg>'


def _round(amount: int) -> int:
    """Return an amount of two digits and zeros that is no less, and has whole quarters."""
    unit: int = 4 * 10 ** max(0, len(str(amount)) - 2)
    return max(unit, -(-amount // unit) * unit)


def _table(title: str, currency: str, sums: Mapping[str, Sum], colours: Mapping[str, str]) -> str:
    names = sorted(sums) if title == "month" else _by_amount(sums)
    rows = "".join(
        f"<tr><th scope=row>{_mark(colours.get(name))}{escape(name or 'unknown')}</th><td>{sums[name].count:,}</td>"
        f"<td>{money(sums[name].amount, currency)}</td></tr>"
        for name in names
    )
    return f"<table><caption>By {title}</caption><tbody>{rows}</tbody></table>"


def _mark(colour: str | None) -> str:
    return "" if colour is None else f'<i style="background:{colour}"></i>'


def _reasons(title: str, counted: Mapping[str, int]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{WHY[why]}</th><td>{number:,}</td></tr>"
        for why, number in Counter(counted).most_common()
        if number
    )
    return f"<h2>{title}</h2><table><tbody>{rows}</tbody></table>" if rows else ""


def _by_amount(sums: Mapping[str, Sum]) -> list[str]:
    return sorted(sums, key=lambda name: (-sums[name].amount, name))
