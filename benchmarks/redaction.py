"""Print how well redaction does on the labelled set, by kind and part, and how fast it is.

Usage: python benchmarks/redaction.py [--wrong]

``--wrong`` also lists what was missed and what was wrongly redacted, outside of the held-out third.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "normalise"))

from redaction_scores import lines, scores

from graphmatch.normalise.redaction import PLACEHOLDERS, redact

ROUNDS = 20
#: As most texts are: nothing in them to redact.
PLAIN = "No quarter for traitors, and no mercy either. They should be ashamed of what they did to this town"


def table(part: str | None) -> None:
    """Print recall and precision of one part of the set."""
    total = scores(lines(part))
    print(f"\n{part or 'all'}: {total.clean} lines with none, {total.left_alone} of them left alone")
    print(f"{'kind':10}{'labelled':>9}{'recall':>9}{'gone':>9}{'redacted':>10}{'precision':>11}")
    for kind in PLACEHOLDERS:
        print(
            f"{kind:10}{total.labelled[kind]:9}{total.recall(kind):9.3f}{total.gone_share(kind):9.3f}"
            f"{total.redacted[kind]:10}{total.precision(kind):11.3f}"
        )


def speed(name: str, texts: list[str]) -> None:
    """Print how many texts a second are redacted."""
    started = time.process_time()
    for _ in range(ROUNDS):
        for text in texts:
            redact(text)
    seconds = time.process_time() - started
    letters = ROUNDS * sum(map(len, texts))
    print(f"{name}: {ROUNDS * len(texts) / seconds:,.0f} texts/s, {letters / seconds / 1e6:.1f} MB/s")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wrong", action="store_true", help="list what was missed and what was wrongly redacted")
    arguments = parser.parse_args()
    for part in ("tuned", "held_out", None):
        table(part)
    print()
    speed("the labelled set", [row["text"] for row in lines()])
    speed("a text without any sign of one", [PLAIN] * 500)
    if arguments.wrong:
        total = scores(lines("tuned"))
        for name, found in (("missed", total.missed), ("wrong", total.wrong)):
            for kind, value, text in found:
                print(f"{name}: {kind}: {value!r} in {text!r}")


if __name__ == "__main__":
    main()
