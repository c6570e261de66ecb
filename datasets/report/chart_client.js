/* global uPlot */
/* Charts, drawn when they come into view. Works without a network. */
(() => {
  const COLOURS = ['#3b82f6', '#e8833a', '#22a36b', '#d6457c', '#8b6cf0', '#b8901f', '#1aa6b7', '#7c8798'];
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const short = (value) => String(Number(value.toPrecision(3)));

  function axis(size, values) {
    const grid = { stroke: colour('--grid'), width: 1 };
    const style = { stroke: colour('--soft'), font: '12px system-ui, sans-serif', size };
    return { ...style, grid, ticks: { ...grid, size: 4 }, values };
  }

  const told = (unit) => (_plot, raw) => (raw === null || raw === undefined ? '–' : `${short(raw)} ${unit}`.trim());

  /** Columns of a series: its values, and the bounds of its band where it has any. */
  function columns({ name, values, low, high }, i, unit) {
    const stroke = COLOURS[i % COLOURS.length];
    const plain = { points: { show: values.length < 40, size: 5 }, value: told(unit) };
    const line = { label: name, stroke, width: 1.5, ...plain };
    if (low === undefined || high === undefined) return [[line, values]];
    const edge = { stroke: 'transparent', points: { show: false }, value: told(unit) };
    return [
      [line, values],
      [{ ...edge, label: 'from' }, low],
      [{ ...edge, label: 'to' }, high],
    ];
  }

  function draw(box) {
    const { x, unit, series, log = false, range } = JSON.parse(box.dataset.chart);
    const told_x = (_plot, ticks) =>
      ticks.map((tick, i) => (i === ticks.length - 1 ? `${tick} ${x.unit}`.trim() : String(tick)));
    const all = [];
    const bands = [];
    series.forEach((one, i) => {
      const own = columns(one, i, unit);
      const at = all.length + 1;
      if (own.length === 3) bands.push({ series: [at + 2, at + 1], fill: `${COLOURS[i % COLOURS.length]}33` });
      all.push(...own);
    });
    drawn.get(box)?.destroy();
    box.replaceChildren();
    const options = {
      width: box.clientWidth,
      height: 220,
      scales: { x: { time: false }, y: { ...(log ? { distr: 3 } : {}), ...(range === undefined ? {} : { range }) } },
      axes: [axis(30, told_x), axis(64, (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))))],
      series: [{ label: x.label, value: told(x.unit) }, ...all.map(([options_of_one]) => options_of_one)],
      bands,
    };
    drawn.set(box, new uPlot(options, [x.values, ...all.map(([, values]) => values)], box));
  }

  const boxes = [...document.querySelectorAll('[data-chart]')];
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: '400px' },
  );
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = drawn.get(target);
      const width = target.clientWidth;
      if (plot !== undefined && width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
    }
  });
  for (const box of boxes) {
    seen.observe(box);
    sizes.observe(box);
  }
  dark.addEventListener('change', () => {
    for (const box of [...drawn.keys()]) draw(box);
  });
  window.addEventListener('beforeprint', () => {
    for (const box of boxes) if (!drawn.has(box)) draw(box);
  });
})();
