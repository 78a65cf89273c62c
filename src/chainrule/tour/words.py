"""The words of the tour's page that are not those of a lesson."""

from __future__ import annotations

from chainrule.showing.language import Phrase

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}

TITLE = Phrase("Derivatives, and how gradients flow back", "求导公式：梯度逆传播规律")
LEAD = Phrase(
    "A lesson, from the slope of a constant to a network that "
    "learns. Every formula, number and picture on this page is "
    "computed from one table of derivatives: the one that chainrule differentiates programs with.",
    "这是一堂课，从常数的斜率讲到会学习的网络。本页的每个公式、每个数、"
    "每幅图都由同一张导数表算出：chainrule 对程序求导用的就是这张表。",
)
CONTENTS = Phrase("Contents", "目录")

EVERYWHERE = Phrase("everywhere", "全体实数")
DEFINED = Phrase("Defined", "定义域")
INSIDE = Phrase("With a function inside", "内层是函数 u 时")

IDEA = Phrase("The idea: from the secant to the tangent", "从割线到切线")
GENERAL = Phrase("The general formula", "一般公式")
PROOF = Phrase("Where the formula comes from", "公式的由来")
PICTURE = Phrase("The picture", "图像")
EXAMPLE = Phrase("An example with numbers", "例题")
WHY = Phrase("Why it matters for networks", "在神经网络中的意义")
EXERCISES = Phrase("Exercises", "练习")

STEP = Phrase("step h", "步长 h")
SLOPE = Phrase("slope of the secant", "割线的斜率")
TANGENT_SLOPE = Phrase("slope of the tangent", "切线的斜率")
MOVE = Phrase("Move the second point closer", "让第二个点靠近")
SECANT_FIGURE = Phrase(
    "The curve, its tangent at x = {x}, and secants through a second "
    "point that comes closer: their slopes are {slopes}; "
    "that of the tangent is {slope}.",
    "曲线、它在 x = {x} 处的切线，以及第二个点逐渐靠近时的割线：割线的斜率依次为 {slopes}，切线的斜率为 {slope}。",
)
SECANT_AT = Phrase("h = {step}: the secant has the slope {slope}", "h = {step}：割线的斜率为 {slope}")
AT_LAST = Phrase("h → 0: the tangent has the slope {slope}", "h → 0：切线的斜率为 {slope}")
SECANT = Phrase("secant", "割线")
QUOTIENT = Phrase("This is the slope of the secant; its limit is the derivative.", "这是割线的斜率，它的极限就是导数。")
QUOTIENT_ONLY = Phrase("The slope of the secant.", "割线的斜率。")

FIND = Phrase("Differentiate {formula} at {point}.", "求 {formula} 在 {point} 处的导数。")
TAKEN_AT = Phrase("{formula} at {point}", "{formula}，取 {point}")
GRAPH_CAPTION = Phrase(
    "Solid lines: values, computed from left to right. Dashed lines: gradients, from right to left.",
    "实线：从左到右计算数值。虚线：从右到左传播梯度。",
)
FLOWS = Phrase("With unknown functions", "一般的函数")
WITH_NUMBERS = Phrase("The same with numbers, step by step", "代入数值，一步一步来")
BACK = Phrase("Step back", "上一步")
ON = Phrase("Next step", "下一步")
ALL = Phrase("All steps", "全部步骤")
ARRIVES = Phrase("at", "到达")

ASK = Phrase("Differentiate {formula}.", "求 {formula} 的导数。")
ASK_BY = Phrase("Differentiate {formula} by {name}.", "求 {formula} 对 {name} 的偏导数。")
ANSWER = Phrase("Your answer", "你的答案")
CHECK = Phrase("Check", "检查")
HINT = Phrase("A hint", "提示")
SOLUTION = Phrase("The worked answer", "解答")
NOTATION = Phrase(
    "Type an answer as on a calculator: 2x, x^3, 1/(1+x^2), e^x, "
    "ln(x), cos(x)^2, sqrt(x). Any equivalent form is right.",
    "像用计算器那样输入：2x、x^3、1/(1+x^2)、e^x、ln(x)、cos(x)^2、sqrt(x)。写成任何等价的形式都算对。",
)
NO_SCRIPT = Phrase(
    "Without scripts the page cannot check answers; the worked answers are below each exercise.",
    "没有脚本时无法检查答案；解答在每道练习下面。",
)
VERDICTS = {
    "right": Phrase("Right.", "对了。"),
    "wrong": Phrase("Not yet: at {place} your answer is {yours}, the slope there is another.",
                    "还不对：在 {place} 处，你的答案等于 {yours}，而斜率不是这个数。"),
    "rounded": Phrase("Nearly: a number in it is rounded. Write it exactly, such as ln(10).",
                      "差一点：其中有近似值。请写精确值，例如 ln(10)。"),
    "undefined": Phrase("At {place} your answer has no value, but there is a slope.",
                        "在 {place} 处，你的答案没有值，而斜率是存在的。"),
    "empty": Phrase("Type an answer first.", "请先输入答案。"),
    "unreadable": Phrase("The place marked ▸ cannot be read: {marked}", "标有 ▸ 的地方读不懂：{marked}"),
}  # fmt: skip

LAYER = Phrase("layer", "层")
MEASURED = Phrase(
    "Measured: {layers} layers of {width} units, before the first step of learning. Each point is the norm of the "
    "gradient by one layer's weights.",
    "实测：{layers} 层网络，每层 {width} 个单元，训练开始之前。每个点是损失对某一层权重的梯度的范数。",
)
LOST = Phrase("first layer / last layer", "第一层 / 最后一层")
ACTIVATION = Phrase("activation", "激活函数")
GRADIENT_NORM = Phrase("norm of the gradient", "梯度的范数")
ALL_LAYERS = Phrase("For every layer", "对每一层")
FORWARD = Phrase("forward", "前向")
BACKWARD = Phrase("backward", "反向")
BY_WEIGHTS = Phrase("by the weights", "对权重")

LOSS = Phrase("loss", "损失")
TRAINING_STEP = Phrase("step", "步")
HIDDEN = Phrase("hidden layer", "隐藏层")
OUTPUT = Phrase("output layer", "输出层")
LOSS_FIGURE = Phrase(
    "The loss over the steps of learning, on a logarithmic scale.",
    "损失随训练步数的变化，纵轴取对数。",
)
NORM_FIGURE = Phrase(
    "The norm of the gradient of each layer over the steps of learning, on a logarithmic scale.",
    "各层梯度的范数随训练步数的变化，纵轴取对数。",
)
MISREAD = Phrase("Misread digits", "读错的数字")
READ_AS = Phrase("{digit}, read as {read}", "{digit} 读成了 {read}")
RESULT = Phrase(
    "{accuracy:.1%} of {images} unseen images are read correctly. The loss fell from {first:.2f} to {last:.2f} in "
    "{steps} steps.",
    "{images} 张未见过的图像中，{accuracy:.1%} 识别正确。损失在 {steps} 步内从 {first:.2f} 降到 {last:.2f}。",
)
PROGRAM = Phrase(
    "The whole network and its loss are plain NumPy; chainrule supplies the gradient:",
    "整个网络及其损失就是普通的 NumPy 代码，梯度由 chainrule 给出：",
)
LEFT_OUT = Phrase(
    "The network was left out of this tour: it needs scikit-learn, which is not installed.",
    "这次导览略去了网络：它需要 scikit-learn，而这里没有安装。",
)

TRY = Phrase("Draw it yourself", "自己画")
FILES = Phrase("Every figure as a file", "所有图的文件")
FILES_WHERE = Phrase("They lie in the same folder as this page.", "它们与本页在同一文件夹中。")
