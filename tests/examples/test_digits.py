"""The digits example: it learns, its gradient is right, and its figure shows what happened."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss

import chainrule as cr
from examples.digits import Training, initial_parameters, loss, scores, train
from examples.digits_figure import SHOWN, SMOOTHED, draw_training

STEPS_PER_EPOCH = 11  # 1,437 images to learn from, in batches of 130 or 131


@pytest.fixture(scope="module")
def training() -> Training:
    return train(progress=False)


@pytest.fixture
def step() -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """A small network with biases that are not zero, and a batch of seven images."""
    random = np.random.default_rng(3)
    parameters = initial_parameters(random, hidden=5)
    parameters["b1"], parameters["b2"] = random.normal(size=5), random.normal(size=10)
    return parameters, random.uniform(-1, 1, size=(7, 64)), random.integers(0, 10, size=7)


def test_the_network_reads_97_percent_of_the_held_out_images(training: Training) -> None:
    assert training.accuracy >= 0.97
    assert len(training.misread) == round((1 - training.accuracy) * 360)
    assert all(misread.digit != misread.read for misread in training.misread)


def test_the_loss_falls_to_a_tenth(training: Training) -> None:
    assert training.loss.shape == (60 * STEPS_PER_EPOCH,)
    assert training.loss[-20:].mean() < 0.1 * training.loss[0]


def test_every_layer_has_a_gradient_norm_at_every_step(training: Training) -> None:
    assert set(training.gradient_norm) == {"hidden", "output"}
    for norms in training.gradient_norm.values():
        assert norms.shape == training.loss.shape
        assert np.all(np.isfinite(norms) & (norms > 0))


def test_another_seed_learns_too_and_the_same_seed_learns_the_same() -> None:
    first, second = (train(seed=5, epochs=3, hidden=32, progress=False) for _ in range(2))
    assert first.loss[-5:].mean() < 0.4 * first.loss[0]
    np.testing.assert_array_equal(first.loss, second.loss)


def test_the_gradient_agrees_with_central_differences(step) -> None:
    parameters, images, digits = step
    value, gradient = cr.value_and_grad(loss)(parameters, images, digits)
    assert value == pytest.approx(loss(parameters, images, digits), rel=1e-15)
    for name, array in parameters.items():
        assert gradient[name].shape == array.shape
        for index in list(np.ndindex(array.shape))[:: max(1, array.size // 12)]:
            h = np.zeros_like(array)
            h[index] = 1e-6
            above = loss(parameters | {name: array + h}, images, digits)
            below = loss(parameters | {name: array - h}, images, digits)
            assert gradient[name][index] == pytest.approx((above - below) / 2e-6, rel=1e-6, abs=1e-8)


def test_the_loss_is_the_cross_entropy_of_the_softmax(step) -> None:
    parameters, images, digits = step
    exponentials = np.exp(scores(parameters, images))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    expected = log_loss(digits, probabilities, labels=range(10))
    assert loss(parameters, images, digits) == pytest.approx(expected, rel=1e-12)


def test_enormous_scores_overflow_neither_the_loss_nor_its_gradient(step) -> None:
    parameters, images, digits = step
    parameters = parameters | {"W2": 1e5 * parameters["W2"]}
    value, gradient = cr.value_and_grad(loss)(parameters, images, digits)
    assert np.isfinite(value)
    assert all(np.all(np.isfinite(array)) for array in gradient.values())


def test_the_figure_shows_loss_gradient_norms_and_misread_digits(training: Training) -> None:
    figure = draw_training(training)
    left, right, *below = figure.axes
    np.testing.assert_array_equal(left.lines[0].get_ydata(), training.loss)
    np.testing.assert_array_equal(right.lines[0].get_ydata(), training.gradient_norm["hidden"])
    np.testing.assert_array_equal(right.lines[2].get_ydata(), training.gradient_norm["output"])
    assert right.lines[1].get_linestyle() != right.lines[3].get_linestyle()
    assert left.lines[1].get_ydata()[0] == pytest.approx(training.loss[:SMOOTHED].mean())
    shown = [axes for axes in below if axes.images]
    assert len(shown) == min(SHOWN, len(training.misread))
    for axes, misread in zip(shown, training.misread, strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), misread.image)
        assert axes.get_title() == f"{misread.digit}, read as {misread.read}"


@pytest.mark.parametrize("count", [0, 1, 6, 7, 10, 15])
def test_the_misread_digits_stand_in_one_centred_row(training: Training, count: int) -> None:
    misread = (training.misread * 15)[:count]
    figure = draw_training(replace(training, misread=misread))
    figure.draw_without_rendering()
    below = [axes.get_window_extent() for axes in figure.axes[2:]]
    assert len(below) == min(SHOWN, count)
    for left, right in itertools.pairwise(below):
        assert left.x1 <= right.x0
        assert left.y0 == pytest.approx(right.y0)
    if below:
        assert (below[0].x0 + below[-1].x1) / 2 == pytest.approx(figure.bbox.width / 2, rel=0.01)


def test_the_figure_speaks_chinese(training: Training) -> None:
    figure = draw_training(training, lang="zh")
    left, right, *below = figure.axes
    assert left.get_title() == "损失（交叉熵）"
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["隐藏层", "输出层"]
    assert f"{training.accuracy:.1%}" in figure.get_suptitle()
    assert "误读为" in below[0].get_title()
