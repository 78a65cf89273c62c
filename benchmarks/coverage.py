"""How much of NumPy a library differentiates: a list of plain NumPy calls, each checked against central differences.

    python -m benchmarks.coverage                    the figures for chainrule and the peers that are installed
    python -m benchmarks.coverage --list chainrule   every call that is not right, and why

Every call is written once, in plain NumPy. chainrule and MyGrad run it as it stands (MyGrad takes part in NumPy's
protocols); autograd and JAX run it in their own namespace, which stands in for `np`. A call is

    right    its gradient agrees with central differences
    wrong    the gradient differs
    lost     the gradient is zero, or there is none, and nothing was said
    error    an exception
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_random = np.random.default_rng(7)
_square = _random.uniform(-1, 1, (3, 3))

INPUTS: dict[str, Any] = {
    "s": np.array(0.7),
    "v": np.array([0.9, -0.4, 1.7, 0.3, -1.2, 0.6]),
    "w": np.array([0.55, 1.3, 0.8, 1.15, 0.25, 1.9]),
    "u": np.array([0.35, -0.6, 0.15, -0.85]),
    "x": _random.uniform(-2, 2, (3, 4)),
    "y": _random.uniform(0.3, 2, (3, 4)),
    "c": _random.uniform(-1, 1, (2, 3, 4)),
    "a": _square + 3 * np.diag([1.0, 2.0, 3.0]),
    "h": _square @ _square.T + np.diag([1.0, 2.0, 3.0]),
    "t": _random.uniform(-1, 1, (2, 3, 3)) + 3 * np.eye(3),
    "m": _random.uniform(-1, 1, (4, 3)),
}
"""The tracked values that calls name: a number, vectors, matrices, a stack of matrices."""

CALLS: dict[str, str] = {
    "elementwise": """
        np.sin(v); np.cos(v); np.tan(v); np.arcsin(u); np.arccos(u); np.arctan(v); np.sinh(v); np.cosh(v); np.tanh(v);
        np.arcsinh(v); np.arccosh(w + 1); np.arctanh(u); np.exp(v); np.exp2(v); np.expm1(v); np.log(w); np.log2(w);
        np.log10(w); np.log1p(w); np.sqrt(w); np.cbrt(w); np.square(v); np.reciprocal(w); np.absolute(v); np.fabs(v);
        np.negative(v); np.positive(v); np.sign(v) * v; np.floor(v) * v; np.ceil(v) * v; np.trunc(v) * v;
        np.rint(v) * v; np.fix(v) * v; np.round(v, 1) * v; np.around(v) * v; np.add(v, w); np.subtract(v, w);
        np.multiply(v, w); np.divide(v, w); np.true_divide(v, w); np.power(w, v); np.float_power(w, v);
        np.floor_divide(v, w) * v; np.remainder(v, w); np.mod(v, w); np.fmod(v, w); np.maximum(v, w);
        np.minimum(v, w); np.fmax(v, w); np.fmin(v, w); np.hypot(v, w); np.arctan2(v, w); np.logaddexp(v, w);
        np.logaddexp2(v, w); np.copysign(v, w); np.heaviside(v, 0.5) * v; np.deg2rad(v); np.rad2deg(v); np.degrees(v);
        np.radians(v); np.sinc(v); np.i0(v); np.ldexp(v, 2); np.modf(v); np.frexp(v)[0]; np.divmod(v, w);
        np.nextafter(v, 9.0); np.clip(v, -0.5, 0.5); np.where(v > 0, v, w); np.nan_to_num(v);
        np.sin(v, dtype=np.float64); np.real(v + 1j * w); np.imag(v * 1j + w); np.conj(v + 1j * w);
        np.abs(v + 1j * w); np.angle(v + 1j * w); np.real_if_close(v + 0j); np.exp(1j * v); np.emath.sqrt(v);
        np.emath.logn(2.0, w); v ** 3; 2.0 ** v; v @ w;
        abs(v); -v; v % w; divmod(v, w)
    """,
    "reductions": """
        np.sum(x); np.sum(x, axis=0); np.sum(x, axis=(0, 1), keepdims=True); np.sum(x, where=x > 0);
        np.sum(x, axis=1, initial=3.0); np.mean(x); np.mean(x, axis=1, keepdims=True); np.mean(x, where=x > -1);
        np.prod(v); np.prod(x, axis=0); np.prod(x * np.array([1.0, 0.0, 1.0, 1.0]), axis=1); np.max(x);
        np.max(x, axis=0); np.min(x, axis=1); np.amax(x, axis=0); np.amin(x); np.ptp(x, axis=0); np.var(x);
        np.var(x, axis=0, ddof=1); np.std(x); np.std(x, axis=1, keepdims=True); np.median(x); np.median(x, axis=0);
        np.percentile(x, 30); np.percentile(x, [25, 75], axis=1); np.quantile(x, 0.4, axis=0);
        np.quantile(x, 0.4, method='hazen'); np.average(x, axis=0, weights=np.array([1.0, 2.0, 3.0]));
        np.average(v, weights=w); np.nansum(x); np.nanmean(x, axis=0); np.nanmax(x, axis=0); np.nanmin(x);
        np.nanprod(x, axis=1); np.nanstd(x); np.nanvar(x, axis=0); np.nanmedian(x, axis=1); np.nanpercentile(x, 40);
        np.nanquantile(x, 0.3, axis=0); np.cumsum(x); np.cumsum(x, axis=1); np.cumprod(v); np.cumprod(x, axis=0);
        np.nancumsum(v); np.nancumprod(v); np.cumulative_sum(v); np.cumulative_prod(v, include_initial=True);
        np.add.reduce(x); np.multiply.reduce(x, axis=1); np.maximum.reduce(x); np.logaddexp.reduce(x, axis=0);
        np.add.accumulate(x); np.multiply.accumulate(v); np.maximum.accumulate(v); np.add.reduceat(v, [0, 2, 5]);
        np.multiply.outer(v, w); np.subtract.outer(v, w); np.count_nonzero(x) * x
    """,
    "arranging": """
        np.reshape(x, (4, 3)); np.ravel(x); np.transpose(c, (2, 0, 1)); x.T; np.swapaxes(c, 0, 2);
        np.moveaxis(c, 0, -1); np.rollaxis(c, 2); np.squeeze(x[None]); np.expand_dims(x, 1);
        np.broadcast_to(v, (2, 6)); np.broadcast_arrays(v, np.ones((2, 6)))[0]; np.atleast_1d(s); np.atleast_2d(v);
        np.atleast_3d(x); np.concatenate([x, y], axis=1); np.stack([x, y], axis=1); np.vstack([x, y]);
        np.hstack([x, y]); np.dstack([x, y]); np.column_stack([v, w]); np.block([[x, y], [y, x]]);
        np.append(x, y, axis=0); np.append(v, s); np.insert(v, 2, s); np.insert(x, [1, 3], np.ones((3, 2)), axis=1);
        np.delete(v, [1, 3]); np.split(v, 3)[1]; np.array_split(v, 4)[0]; np.hsplit(x, 2)[1]; np.vsplit(x, 3)[0];
        np.dsplit(c, 2)[0]; np.unstack(x)[1]; np.tile(v, 2); np.tile(x, (2, 3)); np.repeat(v, 2);
        np.repeat(x, [1, 2, 0], axis=0); np.roll(x, 1); np.roll(x, (1, 2), axis=(0, 1)); np.rot90(x);
        np.rot90(c, 3, axes=(1, 2)); np.flip(x); np.fliplr(x); np.flipud(x); np.pad(x, 1);
        np.pad(v, (2, 1), mode='edge'); np.pad(x, ((1, 2), (0, 1)), mode='reflect'); np.pad(v, 3, mode='symmetric');
        np.pad(v, 2, mode='wrap'); np.pad(x, 1, mode='mean'); np.pad(v, 2, mode='maximum');
        np.pad(v, 2, mode='linear_ramp', end_values=1.0); np.pad(v, 2, mode='reflect', reflect_type='odd');
        np.diag(v); np.diag(x, 1); np.diagonal(c, axis1=1, axis2=2); np.diagflat(x); np.trace(a);
        np.trace(t, axis1=1, axis2=2); np.tril(x); np.triu(x, 1); np.vander(v, 4); np.meshgrid(v, w);
        np.meshgrid(v, w, indexing='ij'); np.linspace(s, 2.0, 5); np.linspace(0.0, s, 4, endpoint=False);
        np.logspace(s, 1.0, 4); np.geomspace(s, 4.0, 5); np.resize(v, (2, 4)); np.copy(x); np.astype(x, np.float64);
        np.full_like(x, 2.0) * x; np.zeros_like(x) + x; np.trim_zeros(v);
        np.lib.stride_tricks.sliding_window_view(v, 3); np.ix_(v, w)[0]; np.permute_dims(c, (1, 0, 2));
        np.matrix_transpose(c)
    """,
    "choosing": """
        x[1]; x[:, ::2]; x[[0, 2, 0]]; x[x > 0]; x[np.array([0, 1]), np.array([2, 2])]; x[..., None];
        np.take(x, [0, 2], axis=1); np.take(v, [0, 0, 3]);
        np.take_along_axis(x, np.argsort(np.ones((3, 4)), axis=1), axis=1);
        np.choose(np.array([0, 1, 0, 1, 0, 1]), [v, w]); np.compress([True, False, True], x, axis=0);
        np.extract(np.array([1, 0, 1, 1, 0, 0]), v); np.select([v > 1, v > 0], [v, w], 0.0);
        np.piecewise(v, [v < 0, v >= 0], [lambda r: -r, lambda r: r ** 2]); np.sort(v); np.sort(x, axis=0);
        np.sort(x, axis=None); np.partition(v, 2); np.unique(v); np.max(np.sort(v)[:3]); np.argsort(v) * v;
        np.searchsorted(np.sort(w), v) * v; np.union1d(v, w); np.setdiff1d(v, np.array([5.0]))
    """,
    "products": """
        np.dot(x, y.T); np.dot(v, w); np.matmul(t, t); x @ m; np.inner(x, y); np.outer(v, w); np.vdot(v, w);
        np.vecdot(x, y); np.tensordot(c, x, axes=([1, 2], [0, 1])); np.tensordot(c, m, 1); np.kron(x, a);
        np.cross(a, t[0]); np.cross(m, m[::-1]); np.einsum('ij,jk->ik', x, m); np.einsum('ii->i', a);
        np.einsum('ii', a); np.einsum('ij,ij->', x, y); np.einsum('...ij,...jk->...ik', t, t);
        np.einsum('i,j->ij', v, w); np.einsum(x, [0, 1], m, [1, 2], [0, 2]);
        np.einsum('ij,jk,kl->il', x, m, a, optimize=True); np.einsum('ijk->k', c); np.matvec(t, a[0]);
        np.vecmat(a[0], t); np.convolve(v, u); np.convolve(v, u, 'same'); np.convolve(v, u, 'valid');
        np.correlate(v, u); np.correlate(v, u, 'full'); np.correlate(u, v, 'same')
    """,
    "linalg": """
        np.linalg.inv(a); np.linalg.inv(t); np.linalg.pinv(m); np.linalg.pinv(x); np.linalg.det(a); np.linalg.det(t);
        np.linalg.slogdet(a)[1]; np.linalg.slogdet(t)[1]; np.linalg.solve(a, m.T); np.linalg.solve(a, m[0]);
        np.linalg.solve(t, m.T); np.linalg.lstsq(m, w[:4])[0]; np.linalg.cholesky(h + h.T); np.linalg.qr(m)[0];
        np.linalg.qr(m)[1]; np.linalg.qr(x)[1]; np.linalg.qr(a, mode='r'); np.linalg.svd(m)[1];
        np.linalg.svd(m, full_matrices=False)[0]; np.linalg.svd(x, full_matrices=False)[2];
        np.linalg.svd(a, compute_uv=False); np.linalg.svdvals(x); np.linalg.eigh(h + h.T)[0];
        np.linalg.eigh(h + h.T)[1]; np.linalg.eigvalsh(h + h.T); np.linalg.eig(a)[0]; np.abs(np.linalg.eig(a)[1]);
        np.linalg.eigvals(a); np.linalg.norm(v); np.linalg.norm(x); np.linalg.norm(x, axis=0);
        np.linalg.norm(x, 'nuc'); np.linalg.norm(x, 2); np.linalg.norm(x, -2); np.linalg.norm(x, 1);
        np.linalg.norm(x, np.inf); np.linalg.norm(v, 3); np.linalg.norm(v, 1); np.linalg.norm(v, np.inf);
        np.linalg.norm(v, -np.inf); np.linalg.norm(x, axis=1, keepdims=True); np.linalg.norm(t, axis=(1, 2));
        np.linalg.vector_norm(x, axis=1); np.linalg.matrix_norm(t); np.linalg.cond(a); np.linalg.cond(a, 1);
        np.linalg.matrix_power(a, 3); np.linalg.matrix_power(a, -2); np.linalg.multi_dot([x, m, a]);
        np.linalg.tensorsolve(a, v[:3]); np.linalg.tensorinv(a, 1); np.linalg.vecdot(x, y); np.linalg.outer(v, w);
        np.linalg.cross(a, a[::-1]); np.linalg.trace(t); np.linalg.diagonal(t); np.linalg.matmul(x, m);
        np.linalg.tensordot(x, m, axes=1); np.linalg.matrix_transpose(t)
    """,
    "fft": """
        np.fft.fft(v); np.fft.fft(v, 4); np.fft.fft(x, axis=0, norm='ortho'); np.fft.ifft(v);
        np.fft.ifft(v, 8, norm='forward'); np.fft.rfft(v); np.fft.rfft(v, 9); np.fft.rfft(x, axis=0);
        np.fft.irfft(v + 1j * w); np.fft.irfft(v + 1j * w, 7); np.fft.fft2(x); np.fft.ifft2(x); np.fft.fftn(c);
        np.fft.ifftn(c, axes=(0, 2)); np.fft.rfft2(x); np.fft.irfft2(x + 1j * y); np.fft.rfftn(c);
        np.fft.irfftn(c + 1j * c ** 2); np.fft.hfft(v + 1j * w); np.fft.ihfft(v); np.fft.fftshift(x);
        np.fft.ifftshift(v)
    """,
    "calculus": """
        np.diff(v); np.diff(x, n=2, axis=0); np.diff(v, prepend=0.0, append=1.0); np.ediff1d(v);
        np.ediff1d(v, to_end=1.0); np.gradient(v); np.gradient(x); np.gradient(v, 0.5, edge_order=2);
        np.gradient(v, np.cumsum(w)); np.trapezoid(v); np.trapezoid(v, np.cumsum(w));
        np.interp(v, np.array([-2.0, 0.0, 1.0, 2.0]), u); np.interp(0.3, np.cumsum(w), v);
        np.interp(v, np.cumsum(w), w, period=3.1); np.unwrap(5 * v); np.cov(x); np.cov(v, w); np.corrcoef(x);
        np.histogram(v, bins=3, range=(-2, 2), weights=w)[0]; np.bincount(np.array([0, 1, 1, 3, 0, 2]), weights=w);
        np.histogram2d(v, v, bins=2, range=[(-2, 2), (-2, 2)], weights=w)[0];
        np.apply_along_axis(lambda r: r ** 2, 0, x); np.apply_over_axes(np.sum, c, [0, 2]); np.polyval(v, s);
        np.polyval(v, w); np.polyfit(w, v, 2); np.polyder(v); np.polyint(v); np.polymul(v, w); np.polyadd(v, w);
        np.polysub(v, w); np.polydiv(v, u)[0]; np.poly(v); np.abs(np.roots(w));
        np.polynomial.polynomial.polyval(s, [1.0, 2.0, 3.0]); np.vectorize(lambda r: r ** 2)(v)
    """,
    "methods": """
        x.sum(axis=0); x.mean(); x.prod(); x.max(axis=1); x.min(); x.std(); x.var(axis=0); v.cumsum(); v.cumprod();
        x.reshape(-1); x.ravel(); x.transpose(); x.swapaxes(0, 1); x.squeeze(); v.repeat(2); a.diagonal(); a.trace();
        v.take([0, 2]); v.clip(-0.5, 0.5); v.dot(w); v.round(1) * v; x.flatten(); v.astype(float); v.copy(); v.conj();
        v.compress([1, 0, 1, 0, 0, 1]); [r for r in v][1]; x.ptp() if hasattr(x, 'ptp') else np.ptp(x)
    """,
}
"""The calls by family; semicolons part them."""


@dataclass(frozen=True)
class Verdict:
    """What became of one call: `kind` is right, wrong, lost or error."""

    family: str
    call: str
    kind: str
    detail: str = ""


def calls() -> list[tuple[str, str]]:
    """Every (family, call) of the list, each once."""
    return list(
        dict.fromkeys((family, call) for family, text in CALLS.items() for call in map(str.strip, text.split(";")))
    )


def names(call: str) -> tuple[str, ...]:
    """The tracked inputs that a call names."""
    code = compile(call, "<call>", "eval")
    return tuple(name for name in code.co_names if name in INPUTS)


def weighted(namespace: Any, call: str, values: tuple[Any, ...]) -> Any:
    """The call's results, summed with fixed weights: a number whose gradient is to be found."""
    scope = {"np": namespace, **dict(zip(names(call), values, strict=True))}
    result = eval(call, scope)
    parts = list(result) if isinstance(result, (tuple, list)) else [result]
    total = 0.0
    for part in parts:
        shape = np.shape(part) if not hasattr(part, "shape") else part.shape
        weights = np.cos(1.0 + np.arange(int(np.prod(shape)))).reshape(shape)
        complex_ = np.dtype(str(part.dtype)).kind == "c" if hasattr(part, "dtype") else isinstance(part, complex)
        if complex_:
            total = (
                total + namespace.sum(weights * namespace.real(part)) + namespace.sum(weights**2 * namespace.imag(part))
            )
        else:
            total = total + namespace.sum(weights * part)
    return total


def differences(call: str) -> list[Any]:
    """The gradient by central differences of plain NumPy, one array for each input."""
    values = [INPUTS[name].copy() for name in names(call)]
    gradients = []
    for value in values:
        gradient = np.zeros(value.shape)
        for place in np.ndindex(value.shape):
            kept = value[place].copy()
            sides = []
            for step in (1e-6, -1e-6):
                value[place] = kept + step
                sides.append(weighted(np, call, tuple(values)))
            value[place] = kept
            gradient[place] = (sides[0] - sides[1]) / 2e-6
        gradients.append(gradient)
    return gradients


Gradients = Callable[[str], list[Any]]


def judge(family: str, call: str, gradients: Gradients) -> Verdict:
    """Run a call through a library and compare it with differences."""
    expected = differences(call)
    try:
        found = gradients(call)
    except Exception as reason:  # a library may raise anything
        return Verdict(
            family,
            call,
            "error",
            f"{type(reason).__name__}: {str(reason).splitlines()[0] if str(reason) else ''}"[:150],
        )
    scale = max(float(np.max(np.abs(e), initial=0.0)) for e in expected)
    if scale > 1e-9 and all(f is None or not np.any(f) for f in found):
        return Verdict(family, call, "lost", "the gradient is 0, without a word")
    for e, f in zip(expected, found, strict=True):
        f = np.zeros(e.shape) if f is None else np.asarray(f)
        if f.shape != e.shape or not np.allclose(f, e, rtol=2e-5, atol=2e-6 * max(scale, 1.0)):
            return Verdict(family, call, "wrong", f"{np.ravel(f)[:3]} instead of {np.ravel(e)[:3]}")
    return Verdict(family, call, "right")


def _chainrule() -> Gradients:
    import chainrule as cr

    def gradients(call: str) -> list[Any]:
        chosen = names(call)
        places = tuple(range(len(chosen)))
        return list(cr.grad(lambda *values: weighted(np, call, values), places)(*(INPUTS[name] for name in chosen)))

    return gradients


def _autograd() -> Gradients:
    autograd, namespace = importlib.import_module("autograd"), importlib.import_module("autograd.numpy")

    def gradients(call: str) -> list[Any]:
        chosen = names(call)
        places = tuple(range(len(chosen)))
        return list(
            autograd.grad(lambda *values: weighted(namespace, call, values), places)(*(INPUTS[n] for n in chosen))
        )

    return gradients


def _jax() -> Gradients:
    jax, namespace = importlib.import_module("jax"), importlib.import_module("jax.numpy")
    jax.config.update("jax_enable_x64", True)

    def gradients(call: str) -> list[Any]:
        chosen = names(call)
        places = tuple(range(len(chosen)))
        given = [namespace.asarray(INPUTS[name]) for name in chosen]
        return list(jax.grad(lambda *values: weighted(namespace, call, values), places)(*given))

    return gradients


def _mygrad() -> Gradients:
    mygrad = importlib.import_module("mygrad")

    def gradients(call: str) -> list[Any]:
        tensors = tuple(mygrad.tensor(INPUTS[name].copy()) for name in names(call))
        total = weighted(np, call, tensors)
        if not hasattr(total, "backward"):
            return [None for _ in tensors]
        total.backward()
        return [tensor.grad for tensor in tensors]

    return gradients


LIBRARIES: dict[str, tuple[str, Callable[[], Gradients]]] = {
    "chainrule": ("chainrule", _chainrule),
    "autograd": ("autograd", _autograd),
    "jax": ("jax.numpy", _jax),
    "mygrad": ("MyGrad", _mygrad),
}


def available() -> list[str]:
    """The modules of the libraries that are installed, chainrule first."""
    return [name for name in LIBRARIES if importlib.util.find_spec(name) is not None]


def verdicts(library: str) -> list[Verdict]:
    """The verdict on every call."""
    gradients = LIBRARIES[library][1]()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [judge(family, call, gradients) for family, call in calls()]


def functions_named() -> set[str]:
    """The names of NumPy's functions that the calls use."""
    return {name for _, call in calls() for name in re.findall(r"np\.([a-z_0-9A-Z.]+)\(", call)}


def main(arguments: list[str] | None = None) -> None:
    """Print the figures, or the calls that are not right."""
    parser = argparse.ArgumentParser(prog="benchmarks.coverage", description=__doc__.splitlines()[0])
    parser.add_argument("--list", metavar="LIBRARY", choices=LIBRARIES, help="list every call that is not right")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        for verdict in verdicts(chosen.list):
            if verdict.kind != "right":
                print(f"{verdict.kind:6} {verdict.call:60} {verdict.detail}")
        return
    print(f"{len(calls())} calls of {len(functions_named())} functions")
    print(f"{'':12}{'right':>8}{'wrong':>8}{'lost':>8}{'error':>8}")
    for library in available():
        counts = Counter(verdict.kind for verdict in verdicts(library))
        print(
            f"{LIBRARIES[library][0]:12}" + "".join(f"{counts[kind]:8}" for kind in ("right", "wrong", "lost", "error"))
        )


if __name__ == "__main__":
    main(sys.argv[1:])
