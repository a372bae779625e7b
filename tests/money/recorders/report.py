"""The page of the table."""

import platform
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from tests.money.recorders.cell import Outcome, complaints
from tests.money.recorders.faults import FAULTS
from tests.money.recorders.site import ANSWERS

HEAD = """# Recorders of the providers' wires, and their bills

A recorder is a small HTTP server that speaks one provider's API by that provider's public documentation. It
was written apart from Greenroom's adapters and simulators, and shares no code with them. It checks every
request (route, key, fields, addresses, uploads), delivers real MP4 files, and keeps a bill of its own by the
provider's rule. Against each one, `greenroom warm` renders a site with two answers from an empty disk. The
first order meets the fault. Then `greenroom warm` runs again, up to three times, until it orders nothing
more; after a kill once more when the lease of the killed run has ended.

```
make recorders                                  # all of it; what is played already is kept in build/recorders
python -m tests.money.recorders.run --vendors fal,sync --faults no_video,kills_1 --anew
```
"""

KEY = """`2/2` means: two jobs on the provider's bill, two clips in the store. `p`: a clip is parked for a person.
`f`: its render failed, with its reason. A dash: the fault cannot befall this provider, because it promises to
bill no failure, or does not call back with a proof. An empty field: not played. **Bold**: not as documented,
see below.
"""

LIMITS = """## What is not shown

- The recorders know what the providers publish, not what they do: nobody was paid.
- Calls back come in one row alone, to a serving node beside `greenroom warm`, from providers whose calls
  carry a proof or a token of ours; HeyGen's, to an address that came with the job, are not signed.
  [Crashes, restarts and the bill](money.md) has more of them.
- Clips are judged as files (`GREENROOM_QUALITY_GATE=file`), because a recorder films no faces.
- A render whose clip a killed run stored just before stays `fetched`, and its money set aside, until the lease
  of that run has ended and `greenroom warm` runs once more.
- Waits are short (`providers.toml`): polls every 0.2 s, `grace_s` 1 s, `late_s` 3 s, orders time out in 3 s.
"""


def page(outcomes: Sequence[Outcome]) -> str:
    """Markdown: the table, sums, wire, and what is wrong."""
    measured = f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()}"
    runs, kills = (sum(len(one.statuses) for one in outcomes), sum(one.statuses.count(-9) for one in outcomes))
    played = f"{len(outcomes)} cells, {runs} runs of `greenroom warm`, {kills} of them killed with SIGKILL"
    sections = [HEAD, f"<!-- table -->\n{measured}:\n{played}.\n", _table(outcomes), KEY, _sums(outcomes)]
    return "\n".join([*sections, _wrong(outcomes), LIMITS])


def _table(outcomes: Sequence[Outcome]) -> str:
    vendors = list(dict.fromkeys(one.vendor for one in outcomes))
    cells = {(one.vendor, one.fault): _cell(one) for one in outcomes}
    rows = [f"| fault | {' | '.join(vendors)} |", "|---|" + "---|" * len(vendors)]
    for fault, told in FAULTS.items():
        if any((vendor, fault) in cells for vendor in vendors):
            shown = [
                cells.get((vendor, fault), "–" if fault in {"failed_billed", "called_back"} else "")
                for vendor in vendors
            ]
            rows.append(f"| {told} | {' | '.join(shown)} |")
    return "\n".join(rows) + "\n"


def _cell(outcome: Outcome) -> str:
    ready = outcome.states.count("ready")
    short = "p" if "parked" in outcome.states else "f" if ready < len(ANSWERS) else ""
    text = f"{sum(outcome.bills_per_clip)}/{ready}{' ' * bool(short)}{short}"
    return f"**{text}**" if complaints(outcome) else text


def _sums(outcomes: Sequence[Outcome]) -> str:
    rows = [
        "## Bills, ledgers and wires",
        "",
        "Sums of all cells of a provider, in US dollars. The ledger may say more, never less: it rounds up, and sets",
        "money aside for orders of which nobody can know whether they are billed.",
        "",
        "| provider | orders | jobs billed | most bills of a clip | bill | spent | set aside | requests | odd ones |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for vendor in dict.fromkeys(one.vendor for one in outcomes):
        own = [one for one in outcomes if one.vendor == vendor]
        sums = [
            sum((Decimal(getattr(one, name) or 0) for one in own), Decimal(0)) for name in ("bill", "spent", "reserved")
        ]
        most = max((count for one in own for count in one.bills_per_clip), default=0)
        counts = [sum(one.orders for one in own), sum(sum(one.bills_per_clip) for one in own), most]
        wire = [sum(one.requests for one in own), sum(sum(one.violations.values()) for one in own)]
        shown = [*map(str, counts), *(f"{one:.2f}" for one in sums), *map(str, wire)]
        rows.append(f"| {vendor} | {' | '.join(shown)} |")
    return "\n".join(rows) + "\n"


def _wrong(outcomes: Sequence[Outcome]) -> str:
    wrong = [one for one in outcomes if complaints(one)]
    violations: Counter[tuple[str, str]] = Counter()
    for one in outcomes:
        for what, count in one.violations.items():
            violations[one.vendor, what] += count
    lines = [f"- {one.vendor}, {FAULTS[one.fault]}: {'; '.join(complaints(one))}" for one in wrong]
    lines += [f"- {vendor}: expected {what} ({count} times)" for (vendor, what), count in sorted(violations.items())]
    bare = [re.sub(r"[\[\]{}]|(?<![a-z])'|'(?![a-z])", "", line) for line in lines]
    told = "\n".join(bare) or "Nothing: every cell is as documented."
    return f"## Not as documented\n\n{told}\n"
