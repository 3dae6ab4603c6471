"""Makes one table of the results of benchmarks/run, and with --write what is generated of benchmarks/README.md.

report.py [--write] RESULTS..., a folder for each compiler. A figure is the least of its tries.
"""

import datetime
import json
import os
import pathlib
import re
import sys

import plots

here = pathlib.Path(__file__).resolve().parent.parent


class Results:
    """What one compiler's programs have found: nanoseconds, or bytes."""

    def __init__(self, folder):
        self.compiler = (folder / "compiler").read_text().strip()
        self.short = "Clang" if "clang" in self.compiler else "GCC"
        self.programs = {path.stem: self.times(path) for path in sorted(folder.glob("*.json"))}
        for path in folder.glob("memory.txt"):
            self.programs["memory"] = {name: float(size) for name, size in map(str.split, path.open())}
        for path in folder.glob("compile_time.txt"):
            self.programs["compile_time"] = compile_times(path.read_text())

    @staticmethod
    def times(path):
        least = {}
        text = path.read_text()
        for run in json.loads(text)["benchmarks"] if text.strip() else []:
            if run.get("run_type") == "iteration" and not run.get("error_occurred"):
                name = run["run_name"].removesuffix("/real_time")
                name = re.sub(r"/iterations:\d+|/repeats:\d+", "", name)
                least[name] = min(run["each"] * 1e9, least.get(name, float("inf")))
        return least

    def of(self, program, benchmark):
        return self.programs.get(program, {}).get(benchmark)

    def peers(self):
        names = {"asio": "Asio", "node": "Node"}
        peers = {name.removeprefix("beside_"): found for name, found in self.programs.items() if name.startswith("beside_")}
        return {names.get(name, name): found for name, found in peers.items()}


def compile_times(text):
    found = {}
    for chapter, ours, floor in re.findall(r"^(\S+) +([\d.]+) s .*? ([\d.]+) s", text, re.MULTILINE):
        found[chapter] = float(ours) * 1e9
        found[f"{chapter}: standard headers alone"] = float(floor) * 1e9
    return found


class Workload:
    def __init__(self, line):
        self.name, self.operation, self.program, self.benchmark, self.floor, self.budget = (
            field.strip() for field in line.split("|")
        )

    def measured(self, results):
        return results.of(self.program, self.benchmark)

    def ratio(self, results):
        ours, floor = self.measured(results), results.of(self.program, self.floor)
        return ours / floor if ours and floor else None

    def allowed(self, results):
        """The budget in the unit of what is measured, or nothing."""
        if not self.budget:
            return None
        number, unit, *plus = self.budget.split()
        if unit == "x":
            floor = results.of(self.program, self.floor)
            more = results.of(self.program, plus[1]) if plus else 0
            return floor and float(number) * floor + more
        return float(number) * {"s": 1e9, "ms": 1e6, "ns": 1, "bytes": 1}[unit]

    def met(self, results):
        ours, allowed = self.measured(results), self.allowed(results)
        return "" if not ours or not allowed else "yes" if ours <= allowed else "no"

    def shown(self, value):
        if value is None:
            return ""
        if self.program == "memory":
            return f"{value:.0f} B"
        for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
            if value >= size:
                return f"{value / size:.3g} {unit}"
        return f"{value:.3g} ns"


def times(value):
    return "" if value is None else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def lines_of(path):
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def workloads():
    return [Workload(line) for line in lines_of(here / "workloads.txt")]


def elsewhere():
    """The ratios of others to the floors, by their names: measured once, where they could be built."""
    _, *benchmarks = (field.strip() for field in lines_of(here / "beside/elsewhere.txt")[0].split("|"))
    rows = [[field.strip() for field in line.split("|")] for line in lines_of(here / "beside/elsewhere.txt")[1:]]
    floors = [float(field) for field in rows[0][1:]]
    return {
        name: {b: float(value) / floor for b, value, floor in zip(benchmarks, values, floors) if value}
        for name, *values in rows[1:]
    }


def beside(workload, results, found):
    """The ratio of a peer to our floor."""
    value, floor = found.get(workload.benchmark), results.of(workload.program, workload.floor)
    return value / floor if value and floor else None


def table(all_results):
    """A header, and a row for each workload that has been measured."""
    first, *others = all_results
    peers = first.peers()
    header = ["", "Operation", "Floor", "Ours", "Ratio", "Budget", "Met"]
    for other in others:
        header += [other.short + ": ratio", "met"]
    header += peers
    rows = []
    for workload in workloads():
        if workload.measured(first) is None:
            continue
        row = [
            workload.name,
            workload.operation,
            workload.shown(first.of(workload.program, workload.floor)),
            workload.shown(workload.measured(first)),
            times(workload.ratio(first)),
            re.sub(r" x(?: \+ floor_(\w+))?$", lambda m: " ×" + (m[1] and " + " + m[1].replace("_", " ") or ""), workload.budget),
            workload.met(first),
        ]
        for other in others:
            row += [times(workload.ratio(other)) or workload.shown(workload.measured(other)), workload.met(other)]
        for found in peers.values():
            row.append(times(beside(workload, first, found)) or workload.shown(found.get(workload.benchmark)))
        rows.append(row)
    return header, rows


def text_of(header, rows):
    rows = [header] + [[field.replace("`", "") for field in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join(f.ljust(w) if i < 2 else f.rjust(w) for i, (f, w) in enumerate(zip(row, widths))) for row in rows
    )


def markdown_of(header, rows):
    align = ["---" if i < 2 else "--:" for i in range(len(header))]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, align, *rows])


def others_of(results):
    """What has been measured and is in no workload; of what grows, a thousand, and a million."""
    known = {(w.program, name) for w in workloads() for name in (w.benchmark, w.floor)}
    for program, found in results.programs.items():
        for name, value in sorted(found.items()):
            inner = program == "growth" and not name.endswith(("/1024", "/1048576"))
            if (program, name) not in known and not inner and not program.startswith("beside_"):
                yield [program, name, f"{value:.1f}"]


def cpu():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "an unknown processor"


def elsewhere_table():
    measured = elsewhere()
    rows = [w for w in workloads() if any(w.benchmark in ratios for ratios in measured.values())]
    header = ["", "Operation", *measured]
    return header, [[w.name, w.operation, *(times(r.get(w.benchmark)) for r in measured.values())] for w in rows]


def growth_of(results):
    families = {}
    for name, value in results.programs.get("growth", {}).items():
        family, size = name.split("/")
        families.setdefault(family.replace("_", " "), []).append((int(size), value))
    return families


def write(all_results):
    first = all_results[0]
    figures = here / "figures"
    figures.mkdir(exist_ok=True)
    rows = []
    measured_elsewhere = elsewhere()
    for w in workloads():
        if not w.ratio(first) or w.program in ("memory", "compile_time"):
            continue
        allowed = w.allowed(first)
        others = {name: beside(w, first, found) for name, found in first.peers().items()}
        others |= {name: r.get(w.benchmark) for name, r in measured_elsewhere.items() if not others.get(name)}
        label = f"{w.name}  {w.operation.replace('`', '')}".strip()
        budget = allowed / first.of(w.program, w.floor) if allowed else None
        rows.append((label, w.ratio(first), budget, {n: r for n, r in others.items() if r}))
    (figures / "ratios.svg").write_text(plots.ratios(rows))
    (figures / "growth.svg").write_text(plots.growth(growth_of(first)))

    today = datetime.date.today()
    compilers = ", ".join(results.compiler for results in all_results)
    generated = f"""
{cpu()}, {os.cpu_count()} processors; {compilers}; -O2; {today.day} {today:%B %Y}. Of each the least of its tries. The figures of
others are ratios to our floors, too, or times where there is no floor.

{markdown_of(*table(all_results))}

![Ratios to the floor](figures/ratios.svg)

![Growth](figures/growth.svg)

Measured elsewhere, as ratios to the same floors ([beside/elsewhere.txt](beside/elsewhere.txt)):

{markdown_of(*elsewhere_table())}

"""
    readme = here / "README.md"
    marked = r"(<!-- generated by benchmarks/run --write -->\n).*(<!-- end -->)"
    readme.write_text(re.sub(marked, lambda m: m[1] + generated + m[2], readme.read_text(), flags=re.DOTALL))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    all_results = [Results(pathlib.Path(a)) for a in arguments]
    print()
    print(text_of(*table(all_results)))
    for results in all_results:
        print(f"\nWhat else there is, with {results.compiler}: nanoseconds, or bytes\n")
        print(text_of(["Program", "Operation", ""], list(others_of(results))))
    if "--write" in sys.argv:
        write(all_results)


main()
