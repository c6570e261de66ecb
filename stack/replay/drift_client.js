/* global uPlot */
/* Plots of drift, drawn when they come into view. Works without a network. */
(() => {
  const COLOURS = ['#3b82f6', '#e8833a', '#22a36b', '#d6457c', '#8b6cf0', '#b8901f', '#1aa6b7', '#7c8798'];
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function axis(size, values) {
    const grid = { stroke: colour('--grid'), width: 1 };
    return {
      stroke: colour('--soft'),
      font: '12px system-ui, sans-serif',
      size,
      grid,
      ticks: { ...grid, size: 4 },
      values,
    };
  }

  function draw(box) {
    const { t, series, unit } = JSON.parse(document.getElementById(`data-${box.dataset.drift}`).textContent);
    const value = (_plot, raw) => (raw === null || raw === undefined ? '–' : `${Number(raw.toPrecision(3))} ${unit}`);
    const seconds = (_plot, ticks) => ticks.map((tick, i) => (i === ticks.length - 1 ? `${tick} s` : String(tick)));
    drawn.get(box)?.destroy();
    box.replaceChildren();
    const options = {
      width: box.clientWidth,
      height: 200,
      scales: { x: { time: false } },
      axes: [axis(30, seconds), axis(64, (_plot, ticks) => ticks.map((tick) => String(Number(tick.toPrecision(3)))))],
      series: [
        { label: 't', value: (_plot, raw) => (raw === null || raw === undefined ? '–' : `${raw.toFixed(2)} s`) },
        ...series.map(({ name }, i) => ({
          label: name,
          stroke: COLOURS[i % COLOURS.length],
          width: 1.5,
          points: { show: false },
          value,
        })),
      ],
    };
    drawn.set(box, new uPlot(options, [t, ...series.map(({ values }) => values)], box));
  }

  const boxes = [...document.querySelectorAll('[data-drift]')];
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
