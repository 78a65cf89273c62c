"""Gradient flow: its measures against cr.grad, and networks whose gradients are known to vanish, explode or die."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ShapeError
from chainrule.graphs.flow import flow_step, gradient_flow
from chainrule.graphs.layers import FlowStep, GradientFlow, Layer, Spread
from chainrule.graphs.presented import ShownFlow

X = np.random.default_rng(0).normal(size=(32, 4))
Y = (X[:, :1] * X[:, 1:2] > 0).astype(float)


def relu_loss(params, x, y):
    hidden = np.maximum(x @ params["w1"] + params["b1"], 0)
    return np.mean((hidden @ params["w2"] - y) ** 2)


def relu_params(dead=0):
    random = np.random.default_rng(1)
    bias = np.where(np.arange(10) < dead, -50.0, 0.0)
    return {"w1": random.normal(size=(4, 10)), "b1": bias, "w2": random.normal(size=(10, 1)) / 3}


def deep_loss(weights, x):
    for weight in weights:
        x = 1 / (1 + np.exp(-(x @ weight)))
    return np.mean(x)


def test_norms_are_those_of_the_gradients_along_the_training():
    params = relu_params()
    flow = cr.gradient_flow(relu_loss, params, [(X, Y)] * 5, rate=0.05)
    for step in flow.steps:
        slopes = cr.grad(relu_loss)(params, X, Y)
        assert step.loss == pytest.approx(relu_loss(params, X, Y))
        for name, slope in slopes.items():
            layer = step.layer(f"params['{name}']")
            assert layer.gradient.norm == pytest.approx(np.linalg.norm(slope))
            assert layer.gradient.rms == pytest.approx(np.sqrt(np.mean(slope**2)))
            assert layer.gradient.quantiles == pytest.approx(np.quantile(np.abs(slope), (0.05, 0.25, 0.5, 0.75, 0.95)))
            assert layer.value.norm == pytest.approx(np.linalg.norm(params[name]))
        params = {name: params[name] - 0.05 * slopes[name] for name in params}


def test_the_parameters_given_are_not_changed_and_an_update_of_ones_own_is_used():
    params = relu_params()
    before = {name: array.copy() for name, array in params.items()}
    seen = []

    def update(params, gradients):
        seen.append(set(gradients))
        return {name: params[name] - 0.01 * np.sign(gradients[name]) for name in params}

    gradient_flow(relu_loss, params, [(X, Y)] * 2, update=update)
    assert seen == [{"w1", "b1", "w2"}] * 2
    assert all(np.array_equal(params[name], before[name]) for name in params)


def test_units_whose_relu_never_opens_are_dead():
    flow = gradient_flow(relu_loss, relu_params(dead=3), [(X, Y)] * 4, rate=0.01)
    assert flow.activations == ("hidden",)
    assert flow.dead_units("hidden") == (0, 1, 2)
    assert gradient_flow(relu_loss, relu_params(), [(X, Y)] * 4, rate=0.01).dead_units("hidden") == ()


def test_a_layer_without_any_gradient_is_dead():
    flow = gradient_flow(relu_loss, relu_params(dead=10), [(X, Y)] * 4)
    assert flow.status("params['w1']") == "dead"


@pytest.mark.parametrize("count", range(1, 14))
def test_the_last_quarter_of_the_steps_decides_and_at_least_the_last_one(count):
    late = max(1, count // 4)

    def layer(size, dead):
        spread = Spread(size, size, (size,) * 5)
        return Layer("w", "parameter", (1,), spread, spread), Layer("h", "activation", (3,), spread, spread, dead)

    def flow(early, end):
        steps = [FlowStep(0.0, layer(*early))] * (count - late) + [FlowStep(0.0, layer(*end))] * late
        return GradientFlow(tuple(steps))

    assert flow((1.0, ()), (0.0, (1,))).status("w") == "dead"
    assert flow((1.0, ()), (0.0, (1,))).dead_units("h") == (1,)
    assert flow((0.0, (0, 1, 2)), (1.0, (1,))).status("w") == "healthy"
    assert flow((0.0, (0, 1, 2)), (1.0, (1,))).dead_units("h") == (1,)
    if count > late:
        assert flow((0.0, ()), (1.0, ())).status("w") == "healthy"
        assert flow((1.0, ()), (2000.0, ())).status("w") == "exploding"


@pytest.mark.parametrize("count", [4, 8, 13])
def test_one_of_the_last_steps_decides_for_infinity_and_all_of_them_for_death(count):
    late = max(1, count // 4)
    for odd in range(late):
        steps = []
        for k in range(count):
            last = k - (count - late)
            size = np.inf if last == odd else 1.0
            spread, dead = Spread(size, size, (size,) * 5), (0, 1) if last == odd else (1,)
            steps.append(
                FlowStep(
                    0.0,
                    (
                        Layer("w", "parameter", (1,), spread, spread),
                        Layer("h", "activation", (3,), spread, spread, dead),
                    ),
                )
            )
        flow = GradientFlow(tuple(steps))
        assert flow.status("w") == "exploding"
        assert flow.dead_units("h") == ((0, 1) if late == 1 else (1,))


def test_every_layer_has_a_name_of_its_own_and_the_first_is_the_parameter():
    def loss(w, x):
        x = x @ w
        w = np.tanh(x)
        h = w * 2
        for _ in range(2):
            h = h * 0.5
        return np.sum(h**2)

    flow = gradient_flow(loss, np.ones((4, 3)), [X])
    names = [layer.name for layer in flow.steps[0].layers]
    assert len(set(names)) == len(names)
    assert flow.steps[0].layer("w").kind == "parameter"
    assert flow.steps[0].layer("w").shape == (4, 3)
    assert flow.steps[0].layer("w 1").shape == (32, 3)
    assert {"h 1", "h 2", "h 3"} <= set(names)


def test_gradients_vanish_in_a_deep_network_of_sigmoids():
    random = np.random.default_rng(2)
    weights = [random.normal(size=(4, 4)) * 0.3 for _ in range(10)]
    flow = gradient_flow(deep_loss, weights, [X] * 4, rate=0.01)
    assert flow.status("weights[0]") == "vanishing"
    assert flow.status("weights[9]") == "healthy"
    assert [name for name in flow.activations if name.startswith("x ")] == [f"x {k}" for k in range(1, 11)]


def test_gradients_explode_when_the_rate_is_far_too_high():
    with np.errstate(all="ignore"):
        flow = gradient_flow(lambda w, x: np.mean((x @ w) ** 2), np.ones(4), [X] * 200, rate=5.0)
    assert flow.status("w") == "exploding"


def test_steps_measured_in_a_loop_of_ones_own_are_the_same():
    params = relu_params()
    assert ShownFlow((flow_step(relu_loss, params, X, Y),)) == gradient_flow(relu_loss, params, [(X, Y)])


def test_without_batches_or_without_a_scalar_loss_it_says_so():
    with pytest.raises(ValueError, match="no batches"):
        gradient_flow(relu_loss, relu_params(), [])
    with pytest.raises(ShapeError, match="one number"):
        gradient_flow(lambda w, x: x * w, np.ones(4), [X])
    with pytest.raises(KeyError):
        gradient_flow(relu_loss, relu_params(), [(X, Y)]).norms("w9")


@pytest.mark.parametrize(("lang", "word"), [("en", "3 of 10 units dead"), ("zh", "3/10 个单元失活")])
def test_the_figure_marks_what_is_wrong_in_words(lang, word):
    flow = gradient_flow(relu_loss, relu_params(dead=3), [(X, Y)] * 4, rate=0.01)
    figure = flow.draw(lang)
    figure.canvas.draw()
    assert any(word in text.get_text() for text in figure.axes[2].texts)
    dead = gradient_flow(relu_loss, relu_params(dead=10), [(X, Y)] * 4).draw(lang)
    labels = [text.get_text() for text in dead.axes[0].get_legend().get_texts()]
    assert any("✕" in label for label in labels)
    with pytest.raises(ValueError, match="lang"):
        flow.draw("fr")
