"""Keeps what the scripts here measured in benches/results.json, and writes it into docs/performance.md:
nothing is claimed there that a script did not print."""
import datetime, json, os

from measure import ROOT, machine

RESULTS = os.path.join(ROOT, "benches", "results.json")
PAGE = os.path.join(ROOT, "docs", "performance.md")


def size(count):
    """Bytes in words."""
    for unit, one in [("GB", 1e9), ("MB", 1e6), ("KB", 1e3)]:
        if count >= one:
            return f"{significant(count / one)} {unit}"
    return f"{count} B"


def significant(value):
    """A number with the digits that a measurement carries."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def table(head, rows):
    """A Markdown table as lines."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return ["| " + " | ".join(row) + " |" for row in [head, ruler, *rows]]


def keep(script, lines, measured):
    """Replaces what a script recorded before, and what the page shows of it."""
    results = {}
    if os.path.exists(RESULTS):
        with open(RESULTS) as file:
            results = json.load(file)
    today = datetime.date.today().isoformat()
    lines = [*lines, "", f"`benches/{script}` printed this on {today}, on {machine()}."]
    results[script] = {"readme": lines, "measured": measured}
    with open(RESULTS, "w") as file:
        json.dump(results, file, indent=1, ensure_ascii=False, sort_keys=True)
        file.write("\n")
    with open(PAGE) as file:
        text = file.read()
    begin, end = f"<!-- {script} -->\n", f"<!-- /{script} -->\n"
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    with open(PAGE, "w") as file:
        file.write(before + begin + "\n".join(lines) + "\n" + end + after)
