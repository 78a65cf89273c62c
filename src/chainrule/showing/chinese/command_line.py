"""What the command line says, in Chinese: its own errors, those of its parser, and its help."""

from __future__ import annotations

COMMAND_LINE: dict[str, str] = {
    "error: ": "错误：",
    "{} has no function {}. It has: {}.": "{} 中没有函数 {}。其中有：{}。",
    "no value for {}. Add {}.": "没有给出 {} 的值。请加上 {}。",
    "{}:{} does not tell the names of its arguments": "无法得知 {}:{} 的参数名",
    "a variable's value is written like x=1.5, but got '{}'": "变量的值写作 x=1.5，却得到“{}”",
    "{} is given twice": "{} 给出了两次",
    "the function has no variable {}; its variables: {}": "函数没有变量 {}；它的变量：{}",
    "none": "无",
    "there is no module {} in {}": "{1} 中没有模块 {0}",
    "cannot read numbers from {}: {}": "无法从 {} 读取数：{}",
    "No such file or directory": "没有这个文件或文件夹",
    "No space left on device": "设备上没有剩余空间",
    "Permission denied": "没有权限",
    "Is a directory": "这是一个文件夹",
    "the output could not be written: {}": "无法输出：{}",
    "{} raised {}: {}": "{} 抛出 {}：{}",
    "{} returned a {}; grad needs one number or one array": "{} 返回了 {}；grad 需要一个数或一个数组",
    "{} is written to {}, not to '{}'": "{} 的文件类型是 {}，不能写到“{}”",
    "the table": "导数表",
    "a gradient": "梯度",
    "a graph": "计算图",
    "a derivation": "推导",
    "--host {} would open the lab to other computers. Add --allow-remote if you want that, in a network that you trust.": (
        "--host {} 会让其他计算机也能打开实验页面。确实需要、并且网络可信时，请加上 --allow-remote。"
    ),
    "a page is made of a formula, such as chainrule export \"x^2\" -o page.html": (
        "网页由一个公式生成，例如 chainrule export \"x^2\" -o page.html"
    ),
    "a variable's value is written like x=1.5, but got '{}'; the variables: {}": "变量的值写作 x=1.5，却得到“{}”；变量有：{}",
    "an interval is written like -5..5, but got '{}'": "区间写作 -5..5，却得到“{}”",
    "cannot listen on {}, port {}: {}": "无法在 {} 的端口 {} 上监听：{}",
    "the lab needs {}. Write: {}": "实验页面需要 {}。请运行：{}",
    # the parser of the command line
    "No such option: {}": "没有选项 {}",
    "No such option '{}'.": "没有选项 {}。",
    "No such option: {} Did you mean {}?": "没有选项 {}。是不是 {}？",
    "No such option: {} (Possible options: {})": "没有选项 {}。可用：{}",
    "No such command '{}'.": "没有命令“{}”。",
    "Missing command.": "缺少命令。",
    "Missing argument '{}'.": "缺少参数 {}。",
    "Missing option '{}'.": "缺少选项 {}。",
    "Invalid value for '{}': {}": "{} 的值无效：{}",
    "Option '{}' requires an argument.": "选项 {} 后面要有值。",
    "Option '{}' requires {} arguments.": "选项 {} 后面要有 {} 个值。",
    "Option '{}' does not take a value.": "选项 {} 不带值。",
    "Got unexpected extra argument ({})": "多出了参数：{}",
    "Got unexpected extra arguments ({})": "多出了参数：{}",
    "'{}' is not a valid integer.": "“{}”不是整数。",
    "'{}' is not one of {}.": "“{}”不在可选值 {} 之中。",
    "{} is not in the range {}.": "{} 不在范围 {} 之内。",
    "File '{}' is a directory.": "“{}”是一个文件夹。",
    "Aborted!": "已中断。",
    # help
    "Usage: ": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Show this message and exit.": "显示本说明。",
    "Show the version.": "显示版本号。",
    "Try '{}' for help.": "使用说明：{}",
    "The language of the labels.": "所用的语言；默认与系统一致。",
    "The language of the derivation.": "所用的语言；默认与系统一致。",
    "The language of the labels and the steps.": "所用的语言；默认与系统一致。",
    "The language of the headings.": "所用的语言；默认与系统一致。",
    "The language.": "所用的语言；默认与系统一致。",
    "The whole table: every NumPy and SciPy function that has a rule.": "完整的表：有求导规则的全部 NumPy 与 SciPy 函数。",
    "The language of everything that is said; by default that of the system.": "所用的语言；默认与系统一致。",
    "Print JSON with every digit.": "输出 JSON，保留全部有效数字。",
    "Print JSON.": "输出 JSON。",
    "Print nodes and edges as JSON.": "以 JSON 输出结点和边。",
    "Print the curves and points as JSON, and draw nothing.": "以 JSON 输出曲线与各点，不作图。",
    "Show the file that was written.": "打开写好的文件。",
    "Show the picture that was written.": "打开画好的图。",
    "Write the derivation to a file: .html, .tex, .md or .txt.": "把推导写入文件：.html、.tex、.md 或 .txt。",
    "Write what would be printed to a file: .txt, or .json with every digit.": "把结果写入文件：.txt，或保留全部有效数字的 .json。",
    "Write to a file: .md, .txt or .json.": "写入文件：.md、.txt 或 .json。",
    "The picture's file: .svg, .png, .pdf, .gif (moving) or .html (to play); without it the steps are printed.": (
        "图片文件：.svg、.png、.pdf，动图用 .gif，可播放的网页用 .html；不给出时输出各步骤。"
    ),
    "The picture's file: .png, .jpg, .svg, .pdf, or .html with a point to move; by default drawing.png.": (
        "图片文件：.png、.jpg、.svg、.pdf，或可以移动切点的 .html；默认 drawing.png。"
    ),
    "The port; by default one that is free.": "端口；默认选一个空闲的。",
    "Only print the address.": "只输出网址，不打开浏览器。",
    "The address to listen on; anything but this computer is refused.": "监听的地址；除本机外一律拒绝。",
    "Let --host open the lab to other computers, unencrypted.": "允许用 --host 向其他计算机开放，通信不加密。",
    "The language in which the page opens.": "打开网页时所用的语言。",
    "The page's file: .html.": "网页文件：.html。",
    "The interval to draw, such as -5..5.": "作图区间，例如 -5..5。",
    "The highest derivative to draw.": "画到几阶导数。",
    "Show the page that was written.": "打开写好的网页。",
    "The language of the page.": "网页所用的语言。",
    "The point of the tangent; by default 1.": "切点的横坐标；默认 1。",
    "The interval of x; by default -5 5.": "x 的区间；默认 -5 5。",
    "Draw the secant through the points at x and x + H, with its slope; may be given several times.": (
        "画过 x 与 x + H 两点的割线并标出斜率；可以给出多次。"
    ),
    "Draw derivatives up to the N-th, at most the fourth.": "画到 N 阶导数，最多四阶。",
    "Mark zeros, maxima, minima and points of inflection, and print them.": "标出零点、极大值点、极小值点与拐点，并输出。",
    "Draw the tangents that go through the point (X, Y).": "画过点 (X, Y) 的切线。",
    "Units of the same length on both axes of the function.": "函数图的两个坐标轴取相同的单位长度。",
    "The derivative below the function, not beside it.": "导数画在函数下方，而不是旁边。",
    "The folder to make; by default tour. An earlier tour there is replaced.": "要生成的文件夹；默认 tour。其中旧的导览会被替换。",
    "The language; by default en.": "所用的语言；默认 en。",
    "What to practise; by default all rules.": "练习哪种法则；默认全部。",
    "From 1, one rule with plain x, to 4, three functions in one another; by default 1.": (
        "从 1（一个法则，自变量就是 x）到 4（三层复合函数）；默认 1。"
    ),
    "The same number gives the same exercises; by default new ones.": "同一个数给出同样的题；默认出新题。",
    "End after so many exercises.": "做完这么多题就结束。",
    "Print exercises with their answers, 10 or --count, and ask nothing.": "只列出题目和答案，不提问；10 题，或由 --count 指定。",
    "Print exercises, verdicts, hints and the record as lines of JSON.": "以 JSON 逐行输出题目、评判、提示与成绩。",
    # one line for each command
    "Every figure of the tutorial, and a network that learns.": "教程的全部插图，和一个会学习的网络。",
    "A function, its tangent and its derivative.": "函数、切线与导数的图像。",
    "The value of a function and its gradient.": "函数值与梯度。",
    "The graph on which gradients flow back.": "计算图，梯度沿它反向传播。",
    "The derivation, rule by rule.": "求导过程，每一步写明法则。",
    "Exercises; the mistake is named.": "求导练习；答错时指出错在哪里。",
    "The table of derivatives.": "导数表。",
    "A page on which derivatives and gradients move.": "可以动手操作导数与梯度的网页。",
    "An interactive page of one function.": "一个函数的交互网页。",
}  # fmt: skip

HELP: dict[str, str] = {
    "chainrule": """
对普通的 NumPy 函数和输入的公式求导，并写出过程。

\b
chainrule tour                        教程的全部插图，做成网页和图片
chainrule draw "x^3 - 2x" --at 1      函数、切线和导数的图像
chainrule grad "tanh(x)*x^2" x=1.5    函数值与梯度
chainrule graph "x*sin(x)" x=1        前向求值、反向传播，逐步列出
chainrule explain "x*sin(x)"          求导过程，每一步写明法则
chainrule practice --rule chain       求导练习，答错时指出错在哪里
chainrule table cosh                  导数表中关于 cosh 的内容
chainrule lab                         可以动手操作的网页
chainrule export "x^2" -o page.html   把一个函数的网页存为单个文件

各命令都有自己的说明：chainrule draw --help
""",
    "tour": """
画出教程的全部插图，训练一个网络，并写成讲解的网页。

生成的文件夹里有 index.html，不联网也能打开；每幅图都有 SVG 与 PNG。用 --lang both 时，中文网页在其中的 zh 文件夹里。

\b
chainrule tour
chainrule tour --lang zh --out 导览
""",
    "draw": """
画出函数 FUNCTION 及其在一点处的切线，旁边画出导数。

FUNCTION 是公式，或当前文件夹中一元 NumPy 函数的 module:function。几个函数画在同一坐标系里，其余变量给出值，如 a=2。曲线在极点和间断点处断开；定义域之外画斜线；起伏过密的曲线画出包络。

\b
chainrule draw "x^3 - 2x" --at 1 --over -2 2 --mark -o cubic.png
chainrule draw "x^2" --at 1 --secant 2 --secant 1 --secant 0.5
chainrule draw "sin(x)" "cos(x)" --order 2 --over -π π
chainrule draw "a*x^2 + b" a=2 b=-1 --through 0 -3
chainrule draw "x^3 - 2x" -o cubic.html --open
chainrule draw model:activation --lang zh
""",
    "grad": """
输出函数 FUNCTION 的值及其对各变量的梯度。

FUNCTION 是公式，或当前文件夹中的 module:function。变量的值可以是数、求值为数的公式（x=π/2）、用逗号分隔的几个数（x=1,2,3），或文件（x=data.npy，x=data.csv）。公式对数组逐元素计算，这时梯度是所有函数值之和的梯度。

\b
chainrule grad "tanh(x)*x^2" x=1.5
chainrule grad "x*y + sin(x)" x=0.5 y=2 --json
chainrule grad "x^2" x=data.csv -o gradient.json
chainrule grad model:loss weights=weights.npy
""",
    "graph": """
记录函数 FUNCTION 在一点处的计算：函数值前向流动，梯度反向传播。

FUNCTION 是公式，或当前文件夹中的 module:function。变量的值可以是数、求值为数的公式（x=π/2）、用逗号分隔的几个数（x=1,2,3），或文件（x=data.npy，x=data.csv）。

\b
chainrule graph "tanh(sin(x) * e^x) / (1 + x^2)" x=1 -o graph.svg
chainrule graph "x*y + sin(x)" x=0.5 y=2
chainrule graph model:loss weights=weights.npy -o loss.png --open
""",
    "explain": """
推导函数 FUNCTION 的导数，写明每一步所用的法则。

FUNCTION 是公式，可以不给出变量的值；或当前文件夹中的 module:function。给出值时，数字写在符号旁边。变量的值可以是数、求值为数的公式（x=π/2），或文件（x=data.npy，x=data.csv）。

\b
chainrule explain "x^2 * sin(x)"
chainrule explain "tanh(x)/(1 + x^2)" x=0.5
chainrule explain "x*y + sin(x)" x=0.5 y=2 --lang zh -o derivation.html
""",
    "practice": """
求导练习：逐题作答，答错时指出错在哪里。

答案只要等价就算对：sin(2x) 也可以写成 2sin(x)cos(x)。答错时，找出导致这个答案的错误（例如漏乘内层函数的导数），并指出它出在哪一步。给出公式 FUNCTION 时，就练习这个函数。答案也可以来自文件或管道，每行一个；最后给出成绩。

\b
chainrule practice
chainrule practice --rule chain --level 2
chainrule practice "x^2*sin(x)"
chainrule practice --rule product --seed 7 --count 5 < answers.txt
chainrule practice --rule quotient --list --count 20
""",
    "table": """
输出课本上的导数表：各个初等函数。

给出 WORD 时，只列出它所指的函数，可以写中文名、英文名或公式，最接近的排在前面。课本里没有的，就到完整的表中去查，所有梯度都由那张表算出；用 --all 则直接查完整的表。

\b
chainrule table
chainrule table logarithm
chainrule table 正弦 --lang zh
chainrule table --all erf
chainrule table -o derivatives.md
""",
    "lab": """
在浏览器中打开实验页面：供学习与教学使用，只在本机运行。

输入公式，沿曲线拖动切点：切线随之转动，导数逐点画出；数值沿计算图前向流动，梯度反向传播，推导中的数字也随之变化。任何内容都不会离开这台计算机，也不需要网络。需要附加包：pip install "chainrule[lab]"。

\b
chainrule lab
chainrule lab --lang zh --port 8000
chainrule lab --host 0.0.0.0 --allow-remote
""",
    "export": """
把公式 FORMULA 的实验页面写成一个 HTML 文件，不需要网络，也不需要服务器。

可以拖动切线、逐点画出导数，计算图可以前后逐步查看；适合放进自己的课程网页或用邮件发送。给出变量的值时，切点从那里开始，其余变量取所给的值。

\b
chainrule export "x^2 * sin(x)" -o page.html
chainrule export "a*sin(b*x)" a=2 b=3 x=1 --over -5..5 -o wave.html --lang zh
""",
    "epilog": (
        "在终端里补全命令和选项：把 eval \"$(_CHAINRULE_COMPLETE=bash_source chainrule)\" 写入 ~/.bashrc，"
        "或把 zsh_source 的一行写入 ~/.zshrc。通过管道输出时是纯文本；设置了 NO_COLOR 时不用颜色。"
    ),
}
"""The help of each command."""
