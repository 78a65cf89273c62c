// What the page says, in English and Chinese.

export const WORDS = {
  title: ["chainrule lab", "chainrule 实验室"],
  lede: ["A derivative you can move. Drag the point, watch the slope, follow the gradient back.",
    "可以拖动的导数：拖动切点，观察斜率，跟随梯度逆向传播。"],
  language: ["中文", "English"],
  dark: ["Dark", "深色"],
  light: ["Light", "浅色"],
  formula: ["Formula", "公式"],
  formulaHelp: ["Type as in a textbook: 2x², sin x, e^x, |x|, a·sin(bx)", "按教科书的写法输入：2x²、sin x、e^x、|x|、a·sin(bx)"],
  choose: ["Functions", "函数表"],
  search: ["Search the table of derivatives", "搜索导数表"],
  found: ["{n} functions", "{n} 个函数"],
  compose: ["Compose two functions", "复合两个函数"],
  sum: ["sum g + h", "和 g + h"],
  product: ["product g · h", "积 g · h"],
  quotient: ["quotient g ÷ h", "商 g ÷ h"],
  chain: ["chain g(h(x))", "链 g(h(x))"],
  use: ["Show it", "显示"],
  function: ["Function", "函数"],
  derivative: ["Derivative", "导数"],
  pointOn: ["Point on the function", "函数上的点"],
  slopeOn: ["Slope at this point", "该点的斜率"],
  tangent: ["Tangent", "切线"],
  secant: ["Secant", "割线"],
  shrink: ["h → 0", "h → 0"],
  stop: ["Stop", "停止"],
  step: ["step h", "步长 h"],
  trace: ["Trace the derivative", "描出导数"],
  order: ["Derivatives up to", "最高阶导数"],
  wider: ["Zoom out", "缩小"],
  nearer: ["Zoom in", "放大"],
  home: ["Whole view", "复位"],
  zoomHelp: ["Drag the background to pan; Ctrl and wheel, or + and −, to zoom.", "拖动背景可平移；按 Ctrl 并滚动滚轮，或按 + 与 − 缩放。"],
  overlay: ["Add a function to compare", "添加要比较的函数"],
  add: ["Add", "添加"],
  remove: ["Remove {name}", "移除 {name}"],
  parameters: ["Parameters", "参数"],
  along: ["Along the axis", "横轴变量"],
  noValue: ["The function has no value here.", "函数在此处没有值。"],
  noSlope: ["There is no derivative here.", "此处没有导数。"],
  slope: ["slope", "斜率"],
  secantSlope: ["slope of the secant", "割线斜率"],
  kink: ["A kink: slope {left} from the left, {right} from the right.", "尖点：左侧斜率 {left}，右侧斜率 {right}。"],
  "border jump": ["a jump", "跳跃间断点"],
  "border pole": ["a pole", "无穷间断点"],
  "border removable": ["a hole", "可去间断点"],
  "border oscillation": ["no limit", "振荡，无极限"],
  "border edge": ["the edge of the domain", "定义域的端点"],
  "border cusp": ["a cusp", "尖点"],
  "border vertical tangent": ["a vertical tangent", "竖直切线"],
  graph: ["Computation graph", "计算图"],
  graphHelp: ["Values flow forward (solid), gradients flow back (dashed, in italics). Where paths meet again, gradients add up.",
    "数值正向流动（实线），梯度逆向流动（虚线、斜体）；路径重新汇合处，梯度相加。"],
  value: ["value", "数值"],
  gradient: ["gradient", "梯度"],
  first: ["First step", "第一步"],
  back: ["Step back", "上一步"],
  play: ["Play", "播放"],
  pause: ["Pause", "暂停"],
  forward: ["Step forward", "下一步"],
  last: ["Last step", "最后一步"],
  stepOf: ["Step {n} of {all}", "第 {n} 步，共 {all} 步"],
  derivation: ["Derivation", "推导"],
  derivationHelp: ["Point at a line, a node or an edge: all three light up.", "指向一行、一个节点或一条边，三处会同时亮起。"],
  save: ["Save and share", "保存与分享"],
  saveHelp: ["The address holds everything on this page. A saved page works without a network.",
    "网址中包含本页的全部状态；保存的网页无需联网即可使用。"],
  saveSvg: ["Picture, SVG", "图片 SVG"],
  savePng: ["Picture, PNG", "图片 PNG"],
  saveLatex: ["Derivation, LaTeX", "推导 LaTeX"],
  savePython: ["Python code", "Python 代码"],
  savePage: ["Page that works offline", "离线网页"],
  copyLink: ["Copy the link", "复制链接"],
  copied: ["Copied.", "已复制。"],
  saved: ["Saved {name}.", "已保存 {name}。"],
  lost: ["The lab does not answer. Is `chainrule lab` still running?", "实验室没有响应。chainrule lab 是否仍在运行？"],
  tooLong: ["too long to be written", "过长，不便写出"],
};

let current = 0;

/** Speak a language: "en" or "zh". */
export function speak(lang) {
  current = lang === "zh" ? 1 : 0;
}

/** A phrase with its places filled. */
export function say(key, places = {}) {
  let said = WORDS[key][current];
  for (const [name, value] of Object.entries(places)) said = said.replace(`{${name}}`, value);
  return said;
}
