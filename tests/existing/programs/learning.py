"""Machine learning and networks."""

import numpy as np
from scipy.special import softmax

rng = np.random.default_rng(0)
X = rng.normal(size=(10, 2))
y = (X[:, 0] * X[:, 1] > 0).astype(int)


def relu(z):
    return np.maximum(0, z)


def neural_network(W1, b1, W2):
    h = relu(X @ W1 + b1)
    scores = h @ W2
    scores -= np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def recurrent_network(Wh, Wx):
    h = np.zeros((6, 2))
    for t in range(1, 6):
        h[t] = np.tanh(Wh @ h[t - 1] + Wx @ X[t])
    return np.sum(h[-1])


def attention(Q):
    K = X[:4]
    A = softmax(Q @ K.T / np.sqrt(2), axis=-1)
    out = A @ X[4:8]
    return np.sum(out**2)


def batch_norm(gamma, beta):
    z = (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5)
    return np.mean(relu(gamma * z + beta))


def one_hot_loss(W):
    targets = np.zeros((len(y), 2))
    targets[np.arange(len(y)), y] = 1
    out = 1 / (1 + np.exp(-(X @ W)))
    return ((out - targets) ** 2).mean()


def convolution_layer(kernel):
    img = np.cos(np.arange(36)).reshape(6, 6)
    out = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            out[i, j] = (img[i : i + 3, j : j + 3] * kernel).sum()
    pooled = out.reshape(2, 2, 2, 2).max(axis=(1, 3))
    return np.log1p(np.exp(pooled)).sum()


def pagerank(d):
    links = {0: [1, 2], 1: [2], 2: [0], 3: [0, 2]}
    n = len(links)
    M = np.zeros((n, n))
    for src, dsts in links.items():
        for dst in dsts:
            M[dst, src] = 1 / len(dsts)
    r = np.ones(n) / n
    for _ in range(60):
        r = d * M @ r + (1 - d) / n
    return r[2]


def markov_stationary(p, q):
    P = np.array([[1 - p, p, 0], [q, 1 - p - q, p], [0, q, 1 - q]])
    A = np.vstack([P.T - np.eye(3), np.ones(3)])
    b = np.append(np.zeros(3), 1)
    pi = np.linalg.lstsq(A, b, rcond=None)[0]
    return pi @ np.array([0, 1, 2])


def soft_kmeans(centres):
    """One step of soft k-means; how far the centres move."""
    d2 = ((X[:, None, :] - centres[None, :, :]) ** 2).sum(-1)
    r = np.exp(-d2)
    r /= r.sum(1, keepdims=True)
    new = np.array([np.average(X, axis=0, weights=r[:, k]) for k in range(len(centres))])
    return np.linalg.norm(new - centres)


def gradient_descent(lr):
    w = np.zeros(2)
    v = np.zeros(2)
    for _ in range(15):
        g = X.T @ (X @ w - y) / len(y)
        v = 0.9 * v + g
        w -= lr * v
    return np.mean((X @ w - y) ** 2)


def decision_stump(threshold):
    p = np.vectorize(lambda s: 1 / (1 + np.exp(-5 * (s - threshold))))(X[:, 0])
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def learned_embedding(E):
    """Words by their numbers; counts of pairs."""
    pairs = [(0, 1), (1, 2), (2, 0), (0, 2)]
    return -np.mean([np.log(1 / (1 + np.exp(-np.dot(E[i], E[j])))) for i, j in pairs])


def hopfield_energy(W, bias):
    s = np.array([1, -1, 1])
    for _ in range(3):
        s = np.sign(W @ s + bias)
    return -0.5 * s @ W @ s - bias @ s


def q_learning(alpha, gamma):
    """The table of values after a fixed sequence of moves."""
    Q = np.zeros((3, 2))
    for s, a, reward, s2 in [(0, 1, 0.0, 1), (1, 0, 1.0, 2), (2, 1, -0.5, 0), (0, 1, 0.2, 1), (1, 0, 1.0, 0)]:
        Q[s, a] += alpha * (reward + gamma * Q[s2].max() - Q[s, a])
    return Q.sum()


AT = {
    "neural_network": (
        np.array([[0.5, -0.3, 0.8], [0.1, 0.9, -0.4]]),
        np.array([0.1, -0.2, 0.3]),
        np.array([[0.2, -0.5], [0.7, 0.1], [-0.3, 0.4]]),
    ),
    "recurrent_network": (np.array([[0.5, -0.3], [0.1, 0.9]]), np.array([[0.2, -0.5], [0.7, 0.1]])),
    "attention": (np.array([[0.5, -0.3], [0.1, 0.9], [0.4, 0.2]]),),
    "batch_norm": (np.array([1.2, 0.8]), np.array([0.1, -0.3])),
    "one_hot_loss": (np.array([[0.5, -0.3], [0.1, 0.9]]),),
    "convolution_layer": (np.array([[0.5, -0.3, 0.1], [0.2, 0.9, -0.6], [0.4, 0.0, 0.3]]),),
    "pagerank": (0.85,),
    "markov_stationary": (0.3, 0.4),
    "soft_kmeans": (np.array([[0.5, -0.3], [-0.4, 0.9]]),),
    "gradient_descent": (0.05,),
    "decision_stump": (0.2,),
    "learned_embedding": (np.array([[0.5, -0.3], [0.1, 0.9], [0.4, 0.2]]),),
    "hopfield_energy": (
        np.array([[0.0, -0.3, 0.6], [-0.3, 0.0, 0.2], [0.6, 0.2, 0.0]]),
        np.array([0.1, -0.2, 0.3]),
    ),
    "q_learning": (0.4, 0.9),
}
