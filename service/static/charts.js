// Pictures with ECharts. A figure carries its data as JSON; colours and shapes are the stylesheet's, so that a
// picture and the marks beside it say the same thing.
//
//   {kind: "line",     x: {labels}, y: {min, max, unit, ticks}, series: [{name, data}], bands: [{from, to, label}], lines: [{at, label}]}
//   {kind: "bar",      x: {labels}, y: {min, max, unit}, series: [{name, data}], horizontal, stacked}
//   {kind: "dots",     x: {min, max}, y: {labels}, series: [{name, data, mark, words}]}     one row per label, one mark per series;
//                                                                    words, one per row, are said instead of the number ("at most 10")
//   {kind: "scatter",  x: {min, max, name}, y: {min, max, name}, series: [{name, data: [[x, y]], mark}]}
//   {kind: "timeline", rows: [..], from, to, now, nowLabel, series: [{name, mark, data: [[date, row]]}], spans: [{from, to, row, label}]}
// mark is disc, ring, diamond or tick. Any kind may add height (px) and option (raw ECharts, merged last; "--sv-..." strings become colours).
window.stegvisCharts = (() => {
  "use strict";

  const NAMES = ["bg", "sunken", "tint", "text", "muted", "line", "edge", "accent", "accent-strong", "on-accent", "attention-edge", "danger"];
  const MARKS = ["disc", "diamond", "ring", "tick"];

  // Custom properties come back unresolved (light-dark(...)); a real element's colour does not.
  function palette() {
    const probe = document.createElement("span");
    document.body.append(probe);
    const colours = {};
    for (const name of NAMES) {
      probe.style.color = `var(--sv-${name})`;
      colours[name] = getComputedStyle(probe).color;
    }
    colours.font = getComputedStyle(document.body).fontFamily;
    probe.remove();
    return colours;
  }

  function shape(mark, c) {
    return {
      disc: { symbol: "circle", symbolSize: 16, itemStyle: { color: c.accent, opacity: 1 } },
      ring: { symbol: "circle", symbolSize: 13, itemStyle: { color: c.bg, borderColor: c.accent, borderWidth: 2.5, opacity: 1 } },
      diamond: { symbol: "diamond", symbolSize: 19, itemStyle: { color: c.bg, borderColor: c.text, borderWidth: 2, opacity: 1 } },
      tick: { symbol: "rect", symbolSize: [2, 16], itemStyle: { color: c.text, opacity: 1 } },
    }[mark] ?? {};
  }

  // The first series is solid, the second hatched, the third dotted: told apart without colour.
  function fill(index, c) {
    return [
      { color: c.accent, borderRadius: 3, decal: { symbol: "none" } },
      { color: c.bg, borderColor: c.edge, borderWidth: 1.5, borderRadius: 3,
        decal: { color: c.edge, symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 } },
      { color: c.text, borderRadius: 3, decal: { symbol: "none" } },
      { color: c.bg, borderColor: c.text, borderWidth: 1.5, borderRadius: 3,
        decal: { color: c.text, symbol: "circle", symbolSize: 0.5, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0] } },
    ][index % 4];
  }

  function category(labels, c, extra = {}) {
    return { type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: c.edge } },
      axisLabel: { color: c.muted, fontSize: 14, lineHeight: 17, hideOverlap: true, ...extra.axisLabel }, ...extra.axis };
  }

  // Four even steps between given ends (two on a phone), so that 0-100 reads 0, 25, 50, 75, 100.
  function steps(axis, width) {
    if (axis.ticks || axis.min === undefined || axis.max === undefined) return undefined;
    return (axis.max - axis.min) / (width < 480 ? 2 : 4);
  }

  // How wide the names beside the rows are (about 8 px a letter); longer ones break.
  function nameWidth(labels, width) {
    const limit = width < 480 ? width * 0.46 : Math.min(220, width * 0.3);
    return Math.round(Math.min(limit, 8 + 8 * Math.max(...labels.map((label) => String(label).length))));
  }

  function value(axis, c, width) {
    const unit = axis.unit ?? "";
    return { type: "value", min: axis.min, max: axis.max, name: axis.name, nameLocation: "middle", nameTextStyle: { color: c.muted, fontSize: 14 },
      splitNumber: width < 480 ? 2 : 4, interval: steps(axis, width), axisLine: { show: false }, axisTick: { show: false },
      splitLine: { lineStyle: { color: c.line } },
      axisLabel: { color: c.muted, fontSize: 14, formatter: (number) => `${number}${unit}`,
        ...(axis.ticks ? { customValues: axis.ticks } : {}) },
      ...(axis.ticks ? { axisTick: { show: false, customValues: axis.ticks }, splitLine: { show: false } } : {}) };
  }

  // With ticks of our own (a band's limits) the grid lines stand exactly there.
  function guides(spec, c) {
    const ticks = (spec.y?.ticks ?? []).map((at) => ({ yAxis: at, lineStyle: { color: c.line, type: "solid", width: 1 }, label: { show: false } }));
    const lines = (spec.lines ?? []).map((line) => ({ xAxis: line.at, lineStyle: { color: c.text, type: [3, 3], width: 1.5 },
      label: { show: Boolean(line.label), formatter: line.label, color: c.muted, fontSize: 14 } }));
    return { silent: true, symbol: "none", animation: false, data: [...ticks, ...lines] };
  }

  function areas(spec, c) {
    return { silent: true, itemStyle: { color: c.sunken }, label: { color: c.muted, fontSize: 14, position: "insideBottom" },
      data: (spec.bands ?? []).map((band) => [{ xAxis: band.from, name: band.label ?? "" }, { xAxis: band.to }]) };
  }

  // A number without neighbours has no line to lie on: it is drawn as a point.
  function isLone(data, at) {
    return data[at] !== null && (data[at - 1] ?? null) === null && (data[at + 1] ?? null) === null;
  }

  // As the language of the page writes it: 12,5 in Swedish.
  function words(number) {
    return typeof number === "number" ? number.toLocaleString(document.documentElement.lang) : number;
  }

  function line(spec, c, width) {
    const unit = spec.y?.unit ?? "";
    const series = spec.series.map((one, index) => {
      const last = one.data.reduce((found, number, at) => (number === null ? found : at), 0);
      return { type: "line", name: one.name, connectNulls: false, showSymbol: one.data.length < 2, z: 3,
        data: one.data.map((number, at) => at === last
          ? { value: number, symbol: "circle", symbolSize: 11, label: { show: true, position: "top", align: "right", formatter: `${words(number)}${unit}` } }
          : number),
        showAllSymbol: true, symbol: (_, point) => (point.dataIndex === last || isLone(one.data, point.dataIndex) ? "circle" : "none"),
        lineStyle: { color: index ? c.text : c.accent, width: 2.5, type: index ? [6, 4] : "solid" },
        itemStyle: { color: index ? c.text : c.accent }, label: { color: c.text, fontSize: 15, fontWeight: 700 },
        ...(index ? {} : { markLine: guides(spec, c), markArea: areas(spec, c) }), ...{ showSymbol: true } };
    });
    return { xAxis: category(spec.x.labels, c, { axis: { boundaryGap: false }, axisLabel: { alignMinLabel: "left", alignMaxLabel: "right" } }),
      yAxis: value(spec.y ?? {}, c, width), series };
  }

  function bar(spec, c, width) {
    const unit = spec.y?.unit ?? "";
    const names = category(spec.x.labels, c, { axis: { inverse: Boolean(spec.horizontal) },
      axisLabel: spec.horizontal ? { color: c.text, width: nameWidth(spec.x.labels, width), overflow: "break", interval: 0 } : {} });
    const numbers = { ...value(spec.y ?? {}, c, width), ...(spec.horizontal ? { show: false } : {}) };
    const series = spec.series.map((one, index) => ({ type: "bar", name: one.name, data: one.data, barMaxWidth: 22, barMinHeight: 2,
      stack: spec.stacked ? "all" : undefined, itemStyle: fill(index, c),
      label: { show: Boolean(spec.horizontal) && !spec.stacked, position: "right", color: c.text, fontSize: 14, formatter: ({ value: n }) => `${words(n)}${unit}` } }));
    return spec.horizontal ? { xAxis: numbers, yAxis: { ...names, axisLine: { show: false } }, series } : { xAxis: names, yAxis: numbers, series };
  }

  // The lower mark's number leans left and the higher one's right, so that two near marks do not cover each other's.
  function dots(spec, c, width) {
    const lean = width < 480 ? 0 : 4;
    const side = (index, row) => {
      const own = spec.series[index].data[row];
      const others = spec.series.filter((_, at) => at !== index).map((one) => one.data[row]);
      // Marks on the same spot: the words stand back from each other instead.
      const shift = others.includes(own) ? -4 : lean;
      return others.some((other) => other > own || (other === own && index > 0)) ? { align: "right", offset: [shift, 0] } : { align: "left", offset: [-shift, 0] };
    };
    const series = spec.series.map((one, index) => ({ type: "scatter", name: one.name, ...shape(one.mark ?? MARKS[index % 4], c), z: 3 + index,
      data: one.data.map((number, row) => ({ value: [number, row], label: side(index, row) })),
      label: { show: true, position: "top", distance: 4, color: c.text, fontSize: 15, fontWeight: 700,
        formatter: ({ value: [number, row] }) => `${width < 480 || spec.series.length === 1 ? "" : `${one.name} `}${one.words?.[row] ?? words(number)}` } }));
    series.unshift({ type: "custom", silent: true, z: 2, tooltip: { show: false }, data: spec.y.labels.map((_, row) => row),
      renderItem: ({ dataIndex: row, coordSys: box }, api) => {
        const y = api.coord([spec.x.min ?? 0, row])[1];
        const ends = spec.series.map((one) => one.data[row]).filter((number) => number !== null).map((number) => api.coord([number, row])[0]);
        const stroke = (x1, x2, colour, lineWidth) => ({ type: "line", shape: { x1, x2, y1: y, y2: y }, style: { stroke: colour, lineWidth } });
        return { type: "group", children: [stroke(box.x, box.x + box.width, c.edge, 1),
          ...(ends.length > 1 ? [stroke(Math.min(...ends), Math.max(...ends), c.edge, 3)] : [])] };
      } });
    return { xAxis: { ...value(spec.x, c, width), position: "bottom" },
      yAxis: { ...category(spec.y.labels, c, { axisLabel: { color: c.text, fontSize: 15, width: nameWidth(spec.y.labels, width), overflow: "break", interval: 0 } }),
        inverse: true, axisLine: { show: false }, splitLine: { show: false } }, series };
  }

  function scatter(spec, c, width) {
    return { xAxis: value(spec.x, c, width), yAxis: value(spec.y, c, width),
      series: spec.series.map((one, index) => ({ type: "scatter", name: one.name, data: one.data, ...shape(one.mark ?? MARKS[index % 4], c) })) };
  }

  function timeline(spec, c, width) {
    const month = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short" });
    const rows = { ...category(spec.rows, c, { axisLabel: { color: c.text, fontSize: 15, width: nameWidth(spec.rows, width), overflow: "truncate", interval: 0 } }),
      inverse: true, axisLine: { show: false }, splitLine: { show: false } };
    const series = spec.series.map((one, index) => ({ type: "scatter", name: one.name, data: one.data, z: 4, ...shape(one.mark ?? MARKS[index % 4], c) }));
    series.unshift({ type: "custom", silent: true, z: 2, tooltip: { show: false }, data: spec.rows.map((_, row) => row),
      renderItem: (params, api) => ({ type: "line", style: { stroke: c.line, lineWidth: 1 },
        shape: { x1: params.coordSys.x, x2: params.coordSys.x + params.coordSys.width,
          y1: api.coord([spec.from, params.dataIndex])[1], y2: api.coord([spec.from, params.dataIndex])[1] } }),
      markLine: spec.now ? { silent: true, symbol: "none", data: [{ xAxis: spec.now }], lineStyle: { color: c.text, type: [3, 3], width: 1.5 },
        label: { show: false } } : undefined });
    if (spec.spans?.length) {
      series.splice(1, 0, { type: "custom", silent: true, z: 3, tooltip: { show: false }, data: spec.spans.map((span) => [span.from, span.row, span.to]),
        encode: { x: [0, 2], y: 1 },
        renderItem: (params, api) => {
          const [x1, y] = api.coord([api.value(0), api.value(1)]);
          const [x2] = api.coord([api.value(2), api.value(1)]);
          return { type: "group", children: [
            { type: "rect", shape: { x: x1, y: y - 10, width: x2 - x1, height: 20, r: 3 }, style: { fill: c.sunken } },
            { type: "text", x: x1 + 8, y, style: { text: spec.spans[params.dataIndex].label ?? "", fill: c.muted, font: `14px ${c.font}`, verticalAlign: "middle" } }] };
        } });
    }
    return { xAxis: { type: "time", min: spec.from, max: spec.to, position: "top", axisLine: { show: false }, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: c.line } }, minInterval: 28 * 864e5,
      axisLabel: { color: c.muted, fontSize: 14, hideOverlap: true, formatter: (time) => month.format(new Date(time)) } }, yAxis: rows, series };
  }

  // ---- the legend is the page's own, so that it wraps and its marks are the stylesheet's ----

  const KEYS = {
    disc: [["circle", { class: "c-a", cx: 9, cy: 9, r: 8 }]],
    ring: [["circle", { class: "c-ring", cx: 9, cy: 9, r: 6.5 }]],
    diamond: [["rect", { class: "c-hollow", x: 4.5, y: 4.5, width: 9, height: 9, transform: "rotate(45 9 9)" }]],
    tick: [["line", { class: "c-tick", x1: 9, x2: 9, y1: 1, y2: 17 }]],
    now: [["line", { class: "c-now", x1: 9, x2: 9, y1: 0, y2: 18 }]],
    solid: [["rect", { class: "c-a", x: 1, y: 1, width: 16, height: 16, rx: 3 }]],
    hatched: [["rect", { class: "c-b c-gap", x: 1, y: 1, width: 16, height: 16, rx: 3 }],
      ["path", { class: "c-hatch", d: "M2 9L9 2M2 16L16 2M9 16l7-7" }]],
    dark: [["rect", { class: "band", x: 1, y: 1, width: 16, height: 16, rx: 3 }]],
    dotted: [["rect", { class: "c-hollow", x: 1, y: 1, width: 16, height: 16, rx: 3 }], ["path", { class: "c-tick", d: "M5 6h2M11 6h2M5 12h2M11 12h2" }]],
    line: [["path", { class: "c-line", d: "M0 9h18" }]],
    dashed: [["path", { class: "c-now", d: "M0 9h18" }]],
  };

  function key(spec, one, index) {
    if (spec.kind === "bar") return ["solid", "hatched", "dark", "dotted"][index % 4];
    if (spec.kind === "line") return index ? "dashed" : "line";
    return one.mark ?? MARKS[index % 4];
  }

  function legend(spec) {
    const items = (spec.series ?? []).map((one, index) => [key(spec, one, index), one.name]);
    if (spec.nowLabel) items.push(["now", spec.nowLabel]);
    const list = document.createElement("ul");
    list.className = "sv-legend";
    for (const [mark, name] of items) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      for (const [attribute, text] of [["width", 18], ["height", 18], ["aria-hidden", "true"]]) svg.setAttribute(attribute, text);
      for (const [tag, attributes] of KEYS[mark]) {
        const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
        for (const [attribute, text] of Object.entries(attributes)) node.setAttribute(attribute, text);
        svg.append(node);
      }
      const item = document.createElement("li");
      item.append(svg, name);
      list.append(item);
    }
    return items.length > 1 ? [list] : [];
  }

  const KINDS = { line, bar, dots, scatter, timeline };

  function coloured(node, c) {
    if (typeof node === "string" && node.startsWith("--sv-")) return c[node.slice(5)] ?? node;
    if (Array.isArray(node)) return node.map((item) => coloured(item, c));
    if (node && typeof node === "object") return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, coloured(item, c)]));
    return node;
  }

  function height(spec) {
    if (spec.height) return spec.height;
    if (spec.kind === "bar" && spec.horizontal) return 24 + spec.x.labels.length * (spec.stacked ? 44 : 18 + 24 * spec.series.length);
    if (spec.kind === "dots") return 40 + spec.y.labels.length * 56;
    if (spec.kind === "timeline") return 48 + spec.rows.length * 32;
    return 252;
  }

  function option(spec, label, c, width) {
    const many = (spec.series?.length ?? 0) > 1;
    const end = { bar: spec.horizontal ? 48 : 4, dots: 32, timeline: 4 }[spec.kind] ?? 12;
    return {
      animation: false, textStyle: { fontFamily: c.font, color: c.muted },
      aria: { enabled: true, label: { enabled: true, description: label }, decal: { show: spec.kind === "bar" && many } },
      grid: { left: 2, right: end, top: spec.kind === "line" ? 24 : 8, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "all" },
      tooltip: { show: spec.kind !== "timeline", trigger: spec.kind === "line" || spec.kind === "bar" ? "axis" : "item", renderMode: "richText", confine: true,
        backgroundColor: c.bg, borderColor: c.edge, borderWidth: 1, textStyle: { color: c.text, fontSize: 14 },
        valueFormatter: words, axisPointer: { lineStyle: { color: c.edge }, type: spec.kind === "bar" ? "none" : "line" } },
      ...(KINDS[spec.kind] ? KINDS[spec.kind](spec, c, width) : {}), ...coloured(spec.option ?? {}, c),
    };
  }

  const drawn = new Map();

  function drawOne(figure) {
    const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const canvas = figure.querySelector(".sv-canvas");
    const first = canvas.hidden;
    canvas.hidden = false;
    canvas.style.height = `${height(spec)}px`;
    if (first) canvas.before(...legend(spec));
    drawn.get(figure)?.chart.dispose();
    const chart = echarts.init(canvas, null, { renderer: "svg" });
    chart.setOption(option(spec, figure.dataset.label ?? "", palette(), canvas.clientWidth));
    drawn.set(figure, { chart, width: canvas.clientWidth });
    figure.dataset.drawn = "";
    if (first) figure.querySelector("details.sv-data")?.removeAttribute("open");
  }

  function redraw() {
    for (const [figure, state] of drawn) {
      if (!figure.isConnected) { state.chart.dispose(); drawn.delete(figure); } else drawOne(figure);
    }
  }

  window.addEventListener("resize", () => {
    for (const [figure, state] of drawn) {
      if (figure.querySelector(".sv-canvas").clientWidth !== state.width) drawOne(figure);
    }
  });
  document.addEventListener("stegvis:dressed", redraw);

  return { draw(part) { for (const figure of part.querySelectorAll("figure[data-chart]:not([data-drawn])")) drawOne(figure); } };
})();
