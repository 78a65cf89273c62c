"""The command: run every case, print medians, ratios and everyone's versions, and keep the raw figures."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

import click
import numpy
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.cases import CASES
from benchmarks.libraries import installed
from benchmarks.memory import MEASURED, peak_memory
from benchmarks.timing import Timing, time_case, time_imports
from chainrule.engine.pieces import threads


@click.command()
@click.option("--quick", is_flag=True, help="Fewer samples, for a first look.")
@click.option(
    "--json",
    "file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Raw figures, for benchmarks.readme too.",
)
def main(quick: bool, file: Path | None) -> None:
    """Measure eager value and gradient, in turns with each peer that is installed."""
    libraries = installed()
    versions = {library.name: library.version for library in libraries}
    versions |= {"NumPy": numpy.__version__, "Python": platform.python_version()}
    machine = f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores"
    machine += f", threads: {threads()} of chainrule for large elementwise work, as many as it likes of JAX, else "
    machine += f"{os.environ['OPENBLAS_NUM_THREADS']}"

    timings = [
        time_case(case, libraries, seconds=0.5 if quick else 5.0, rounds=1 if quick else 5)
        for case in track(CASES, "Measuring", console=Console(stderr=True))
    ]
    imports = time_imports(("numpy", "chainrule"), rounds=5 if quick else 25)
    memory = {library.name: peak_memory(library.name) for library in libraries if library.name in MEASURED}

    console = Console()
    console.print(_table(timings))
    numpy_ms, chainrule_ms = (1e3 * imports.median(module) for module in ("numpy", "chainrule"))
    console.print(f"import numpy {numpy_ms:.1f} ms, chainrule {chainrule_ms - numpy_ms:+.1f} ms over it")
    peaks = ", ".join(f"{name} {megabytes:+.0f} MB" for name, megabytes in memory.items())
    console.print(f"peak memory of a gradient over a captured array of 200 MB: {peaks} (goal: chainrule ≤ autograd)")
    console.print(", ".join(f"{name} {version}" for name, version in versions.items()))
    console.print(machine)
    if file is not None:
        records = [asdict(timing) for timing in (*timings, imports)]
        figures = {
            "machine": machine, "processor": _processor(), "threads": threads(), "versions": versions,
            "seconds": records, "megabytes": memory,
        }  # fmt: skip
        file.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _table(timings: list[Timing]) -> Table:
    table = Table(title="Value and gradient", caption="times chainrule: above 1, chainrule is the faster one")
    table.add_column("case")
    table.add_column("library")
    table.add_column("median", justify="right")
    table.add_column("times chainrule", justify="right")
    table.add_column("goal", justify="right")
    for timing in timings:
        for place, name in enumerate(timing.samples):
            seconds, ratio = timing.median(name), timing.ratio(name)
            goal = f"≥ {timing.goals[name]:.2f}" if name in timing.goals else ""
            table.add_row(timing.case if place == 0 else "", name, _readable(seconds), f"{ratio:.2f}", goal)
        for name, reason in timing.left_out.items():
            table.add_row("", name, reason, "", "")
        table.add_section()
    return table


def _readable(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _processor() -> str:
    """The processor's name, where the system tells it."""
    description = Path("/proc/cpuinfo")
    if description.exists():
        for line in description.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    main()
