"""Statistics: likelihoods, filters, mixtures, regression."""

import numpy as np
import scipy.stats as st
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from scipy.special import expit, gammaln, logsumexp
from scipy.stats import multivariate_normal, norm

rng = np.random.default_rng(42)
times = np.array([2.0, 3.5, 1.2, 5.0, 4.1, 0.7])
events = np.array([1, 0, 1, 1, 0, 1])
covariate = np.array([0.5, -1.0, 1.5, -0.3, 0.2, 0.9])
returns = np.array([0.3, -0.5, 0.8, -1.2, 0.1, 0.6, -0.2, 0.9])
X = rng.normal(size=(12, 3))
labels = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(float)
counts = np.array([2, 0, 3, 1, 4, 2, 1, 0, 5, 2, 1, 3])


def kalman_likelihood(phi, q):
    """The log-likelihood of a damped trend, by the Kalman filter."""
    F = np.array([[1, 1], [0, phi]])
    H = np.array([[1.0, 0.0]])
    Q = np.array([[0.1, 0], [0, q]])
    R = np.array([[0.5]])
    m = np.zeros(2)
    P = np.eye(2)
    loglik = 0.0
    for y in returns:
        m = F @ m
        P = F @ P @ F.T + Q
        S = H @ P @ H.T + R
        v = y - H @ m
        K = P @ H.T @ np.linalg.inv(S)
        m = m + K @ v
        P = (np.eye(2) - K @ H) @ P
        loglik += -0.5 * (np.log(2 * np.pi) + np.linalg.slogdet(S)[1] + (v @ np.linalg.inv(S) @ v))
    return loglik


def gp_likelihood(length, variance, noise):
    """The marginal likelihood of a Gaussian process."""
    inputs = np.linspace(0, 3, 7)[:, None]
    y = np.sin(inputs[:, 0])
    K = variance * np.exp(-0.5 * cdist(inputs / length, inputs / length, "sqeuclidean")) + noise * np.eye(7)
    c, low = cho_factor(K, lower=True)
    alpha = cho_solve((c, low), y)
    return -0.5 * y @ alpha - np.sum(np.log(np.diag(c))) - 3.5 * np.log(2 * np.pi)


def hmm_forward(p, mu):
    """The log-likelihood of a hidden Markov model with two states."""
    A = np.array([[p, 1 - p], [0.3, 0.7]])
    log_alpha = np.log([0.5, 0.5]) + norm.logpdf(returns[0], [0.0, mu], 1.0)
    for y in returns[1:]:
        emission = norm.logpdf(y, [0.0, mu], 1.0)
        log_alpha = logsumexp(log_alpha[:, None] + np.log(A), axis=0) + emission
    return logsumexp(log_alpha)


def viterbi_score(p, mu):
    A = np.log(np.array([[p, 1 - p], [1 - p, p]]))
    means = [0.0, mu]
    T = len(returns)
    delta = np.zeros((T, 2))
    for s in range(2):
        delta[0, s] = np.log(0.5) - 0.5 * (returns[0] - means[s]) ** 2
    for t in range(1, T):
        for s in range(2):
            delta[t, s] = np.max(delta[t - 1] + A[:, s]) - 0.5 * (returns[t] - means[s]) ** 2
    return np.max(delta[-1])


def arma_likelihood(params):
    phi, theta, sigma = params
    e = np.zeros(len(returns))
    for t in range(len(returns)):
        e[t] = returns[t]
        if t > 0:
            e[t] -= phi * returns[t - 1] + theta * e[t - 1]
    return np.sum(st.norm.logpdf(e, scale=sigma))


def garch_likelihood(omega, alpha, beta):
    n = len(returns)
    h = np.empty(n)
    h[0] = np.var(returns)
    for t in range(1, n):
        h[t] = omega + alpha * returns[t - 1] ** 2 + beta * h[t - 1]
    return -0.5 * np.sum(np.log(2 * np.pi * h) + returns**2 / h)


def cox_partial_likelihood(beta):
    order = np.argsort(-times)
    eta = beta * covariate[order]
    log_risk = np.log(np.cumsum(np.exp(eta)))
    return np.sum((eta - log_risk)[events[order] == 1])


def weighted_kaplan_meier(w):
    """The survival at the end, each patient with a weight."""
    survival = 1.0
    curve = []
    for t in np.unique(times[events == 1]):
        at_risk = np.sum(w[times >= t])
        died = np.sum(w[(times == t) & (events == 1)])
        survival *= 1 - died / at_risk
        curve.append(survival)
    return np.mean(curve)


def weibull_survival(shape, scale):
    dist = st.weibull_min(shape, scale=scale)
    return np.sum(np.where(events == 1, dist.logpdf(times), dist.logsf(times)))


def logistic_regression(w):
    p = expit(X @ w)
    eps = 1e-12
    return -np.mean(labels * np.log(p + eps) + (1 - labels) * np.log(1 - p + eps))


def poisson_regression(w):
    rate = np.exp(np.column_stack([np.ones(len(X)), X]) @ w)
    return np.sum(st.poisson.logpmf(counts, rate))


def huber_regression(w, delta):
    r = np.abs(X @ w - labels)
    quadratic = np.minimum(r, delta)
    return np.sum(0.5 * quadratic**2 + delta * (r - quadratic))


def gmm_em_step(mu1, mu2, weight):
    """The mean of the first component after an EM step, and the likelihood."""
    resp = np.empty((len(returns), 2))
    resp[:, 0] = weight * st.norm(mu1, 0.5).pdf(returns)
    resp[:, 1] = (1 - weight) * st.norm(mu2, 0.5).pdf(returns)
    likelihood = np.log(resp.sum(axis=1)).sum()
    resp /= resp.sum(axis=1, keepdims=True)
    return (resp[:, 0] @ returns) / resp[:, 0].sum() + likelihood


def bayesian_linear_posterior(alpha, beta):
    """The evidence of a linear model (Bishop's book, section 3.5)."""
    Phi = np.vander(np.linspace(-1, 1, 8), 4)
    A = alpha * np.eye(4) + beta * Phi.T @ Phi
    m = beta * np.linalg.solve(A, Phi.T @ returns)
    E = beta / 2 * np.sum((returns - Phi @ m) ** 2) + alpha / 2 * m @ m
    return 2 * np.log(alpha) + 4 * np.log(beta) - E - 0.5 * np.log(np.linalg.det(A))


def correlated_normal(rho, s):
    cov = [[1.0, rho * s], [rho * s, s**2]]
    return multivariate_normal(mean=[0.0, 0.1], cov=cov).logpdf(np.array([[0.2, 0.3], [-0.5, 0.4]])).sum()


def student_t_likelihood(df, loc, scale):
    return st.t.logpdf(returns, df, loc, scale).sum()


def dirichlet_multinomial(alpha):
    n = np.array([3, 1, 2])
    A = np.sum(alpha)
    return gammaln(A) - gammaln(n.sum() + A) + np.sum(gammaln(n + alpha) - gammaln(alpha))


def kernel_density(h):
    grid = np.linspace(-2, 2, 9)
    density = np.zeros_like(grid)
    for i, g in enumerate(grid):
        density[i] = np.mean(np.exp(-0.5 * ((g - returns) / h) ** 2)) / (h * np.sqrt(2 * np.pi))
    return np.sum(density**2)


def pca_reconstruction(A):
    """The error of keeping the first of three components."""
    centred = A - A.mean(axis=0)
    U, s, Vt = np.linalg.svd(centred, full_matrices=False)
    approx = np.outer(U[:, 0] * s[0], Vt[0])
    return np.linalg.norm(centred - approx, "fro")


def bootstrap_mean(scale):
    gen = np.random.default_rng(7)
    stats = []
    for _ in range(20):
        sample = gen.choice(returns, size=len(returns), replace=True)
        stats.append(np.mean(np.tanh(scale * sample)))
    return np.std(stats)


def ridge_by_minimize(lam):
    """The prediction of a ridge regression found by a minimiser."""
    obj = lambda w: np.sum((X @ w - labels) ** 2) + lam * np.sum(w**2)
    grad = lambda w: 2 * X.T @ (X @ w - labels) + 2 * lam * w
    res = minimize(obj, np.zeros(3), jac=grad, method="BFGS", options={"gtol": 1e-10})
    return X[0] @ res.x


def mcmc_log_posterior(theta):
    mu, log_sigma = theta[0], theta[1]
    sigma = np.exp(log_sigma)
    if sigma <= 0:
        return -np.inf
    lp = st.norm.logpdf(mu, 0, 10) + st.halfnorm.logpdf(sigma, scale=2.0) + log_sigma
    return lp + sum(st.norm.logpdf(r, mu, sigma) for r in returns)


AT = {
    "kalman_likelihood": (0.8, 0.2),
    "gp_likelihood": (1.1, 0.9, 0.1),
    "hmm_forward": (0.8, 1.1),
    "viterbi_score": (0.8, 1.1),
    "arma_likelihood": (np.array([0.4, 0.2, 0.9]),),
    "garch_likelihood": (0.2, 0.3, 0.5),
    "cox_partial_likelihood": (0.7,),
    "weighted_kaplan_meier": (np.array([1.0, 0.8, 1.2, 0.5, 1.0, 0.9]),),
    "weibull_survival": (1.4, 3.0),
    "logistic_regression": (np.array([0.5, -0.2, 0.1]),),
    "poisson_regression": (np.array([0.5, -0.2, 0.1, 0.3]),),
    "huber_regression": (np.array([0.5, -0.2, 0.1]), 0.6),
    "gmm_em_step": (-0.4, 0.7, 0.45),
    "bayesian_linear_posterior": (0.5, 3.0),
    "correlated_normal": (0.3, 0.8),
    "student_t_likelihood": (4.0, 0.1, 0.7),
    "dirichlet_multinomial": (np.array([0.5, 1.5, 2.0]),),
    "kernel_density": (0.4,),
    "pca_reconstruction": (np.array([[1.0, 0.2, 0.5], [0.3, 2.0, -0.4], [0.7, -0.1, 3.0], [1.5, 0.8, 0.1]]),),
    "bootstrap_mean": (0.9,),
    "ridge_by_minimize": (0.5,),
    "mcmc_log_posterior": (np.array([0.2, -0.3]),),
}
