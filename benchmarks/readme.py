"""Write what `python -m benchmarks` measured into the READMEs, in both languages.

    python -m benchmarks --json figures.json
    python -m benchmarks.readme figures.json

What stands between the marks `<!-- speed -->` and `<!-- /speed -->` is written anew; the words around them are not, so
look whether they are still true.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks.cases import BY_HAND

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- speed -->\n", "<!-- /speed -->\n"
PEERS = ("autograd", "MyGrad")

CASES = {
    "tanh(sin x · eˣ)/(1 + x²)": ("tanh(sin x · eˣ)/(1 + x²), one number", "tanh(sin x · eˣ)/(1 + x²)，一个数"),
    "the same at 10⁶ points, summed": ("the same at 10⁶ points", "同一函数，10⁶ 个点"),
    "Rosenbrock, n = 100": ("Rosenbrock's function, n = 100", "Rosenbrock 函数，n = 100"),
    "Rosenbrock, n = 10⁶": ("Rosenbrock's function, n = 10⁶", "Rosenbrock 函数，n = 10⁶"),
    "logistic regression, 1000 × 20": ("logistic regression, 1000 × 20", "逻辑回归，1000 × 20"),
    "logistic regression, 10⁵ × 50": ("logistic regression, 10⁵ × 50", "逻辑回归，10⁵ × 50"),
    "digits step, 64 × 256 × 10, batch 130": (
        "one step of the digits network, batch 130", "手写数字网络的一步，每批 130 张",
    ),
    "Gaussian process, n = 300": ("a Gaussian process, n = 300", "高斯过程，n = 300"),
    "300-step loop": ("a loop of 300 steps", "300 步的循环"),
    "100,000-operation chain": ("a chain of 100,000 operations", "100,000 个运算的长链"),
}  # fmt: skip
"""What the table calls each case, in English and Chinese. A case that is not here is not shown."""


def section(figures: dict[str, Any], lang: str) -> str:
    """The table, with where it was measured before and what belongs beside it after it."""
    chinese = lang == "zh"
    cases = {record["case"]: record["samples"] for record in figures["seconds"]}
    lines = [_where(figures, chinese), "", f"| {'情形' if chinese else 'case'} | chainrule | {' | '.join(PEERS)} |"]
    lines.append("|---" * (2 + len(PEERS)) + "|")
    for case, names in CASES.items():
        samples = cases[case]
        ours = statistics.median(samples["chainrule"])
        row = [names[chinese], _time(ours)]
        for peer in PEERS:
            unit = " 倍" if chinese else " ×"
            row.append(_digits(statistics.median(samples[peer]) / ours) + unit if peer in samples else "–")
        lines.append(f"| {' | '.join(row)} |")
    by_hand = [_by_hand(cases[case]) for case in CASES if BY_HAND in cases[case]]
    here, there = (f"{figures['megabytes'][name]:.0f} MB" for name in ("chainrule", "autograd"))
    if chinese:
        after = (
            f"手写 NumPy 求导，逻辑回归（10⁵ × 50）所需时间是 chainrule 的 {by_hand[0]} 倍，手写数字网络的一步是 "
            f"{by_hand[1]} 倍。\n对捕获了 200 MB 数组的函数求梯度，额外占用 {here} 内存（autograd 为 {there}）。"
        )
    else:
        after = (
            f"Written by hand in NumPy, logistic regression (10⁵ × 50) takes {by_hand[0]} times as long, the digits\n"
            f"step {by_hand[1]} times. A gradient over a captured array of 200 MB needs {here} more memory "
            f"(autograd {there})."
        )
    return "\n".join([*lines, "", after, ""])


def _where(figures: dict[str, Any], chinese: bool) -> str:
    versions, threads = figures["versions"], figures["threads"]
    numpy, python = (".".join(versions[name].split(".")[:2]) for name in ("NumPy", "Python"))
    peers = [f"{peer} {versions[peer]}" for peer in PEERS]
    if chinese:
        return (
            f"在一台机器上（{figures['processor']}，chainrule 对大数组用 {threads} 个线程，其他都用一个，"
            f"NumPy {numpy}，Python {python}；\n{'，'.join(peers)}）结果如下，倍数以 chainrule 为 1："
        )
    return (
        f"On one machine ({figures['processor']}, {threads} threads of chainrule for large arrays, else one;\n"
        f"NumPy {numpy}, Python {python}, {', '.join(peers)}) it printed, as times chainrule's:"
    )


def _by_hand(samples: dict[str, list[float]]) -> str:
    return _digits(statistics.median(samples[BY_HAND]) / statistics.median(samples["chainrule"]), 2)


def _time(seconds: float) -> str:
    """Two digits, in µs below half a millisecond, else in ms: 20 µs, 0.84 ms, 110 ms."""
    return f"{_digits(seconds * 1e6)} µs" if seconds < 5e-4 else f"{_digits(seconds * 1e3)} ms"


def _digits(value: float, digits: int = 2) -> str:
    """`value` with that many digits, without an exponent.

    >>> _digits(0.836), _digits(9.28), _digits(32.7), _digits(157.2)
    ('0.84', '9.3', '33', '160')
    """
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.0f}" if rounded >= 10 else f"{rounded:.2f}" if rounded < 1 else f"{rounded:.1f}"


def write(figures: dict[str, Any], page: Path, lang: str) -> None:
    """Write the section into a page, in the place of the one that is there."""
    text = page.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise SystemExit(f"{page.name} has no {BEGIN.strip()} … {END.strip()}")
    page.write_text(before + begun + section(figures, lang) + ended + after, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    measured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    write(measured, ROOT / "README.md", "en")
    write(measured, ROOT / "README.zh-CN.md", "zh")
