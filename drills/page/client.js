/* global uPlot */
/* Draws the plot of each drill: what the arm was commanded, what it would have been, and the moments between. */
(() => {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLOURS = { fault: '--bad', seen: '--accent', limit: '--soft', end: '--ok' };

  function marks(list) {
    return (plot) => {
      const { ctx, bbox } = plot;
      const ratio = devicePixelRatio;
      ctx.save();
      ctx.font = `${11 * ratio}px system-ui, sans-serif`;
      list.forEach(({ t, label, kind }, i) => {
        const x = plot.valToPos(t, 'x', true);
        if (x < bbox.left || x > bbox.left + bbox.width) return;
        ctx.fillStyle = colour(COLOURS[kind]);
        ctx.fillRect(x, bbox.top, Math.max(1, 1.5 * ratio), bbox.height);
        ctx.fillText(label, x + 4 * ratio, bbox.top + (12 + 13 * (i % 8)) * ratio);
      });
      ctx.restore();
    };
  }

  function axis(extra) {
    const grid = { stroke: colour('--grid'), width: 1 };
    return {
      stroke: colour('--soft'),
      font: '12px system-ui, sans-serif',
      grid,
      ticks: { ...grid, size: 4 },
      ...extra,
    };
  }

  const value = (digits, unit) => (_plot, raw) =>
    raw === null || raw === undefined ? '–' : `${raw.toFixed(digits)}${unit}`;

  function draw(element) {
    for (const old of drawn.get(element) ?? []) old.destroy();
    const data = JSON.parse(document.getElementById(`data-${element.dataset.drill}`).textContent);
    const line = (label, stroke, digits, unit, more) => ({
      ...{ label, stroke, width: 1.5, points: { show: false }, value: value(digits, unit) },
      ...more,
    });
    const options = {
      width: element.clientWidth,
      height: 260,
      scales: { x: { time: false }, pace: { range: [0, 1.05] } },
      axes: [axis({ size: 30 }), axis({ size: 46 }), axis({ side: 1, size: 40, scale: 'pace', grid: { show: false } })],
      series: [
        { label: 'after the fault', value: value(3, ' s') },
        line('fastest joint', colour('--accent'), 3, ' rad/s'),
        line('without the fault', colour('--soft'), 3, ' rad/s', { dash: [4, 4] }),
        line('pace', colour('--ok'), 2, '', { scale: 'pace', width: 1 }),
      ],
      hooks: { draw: [marks(data.marks)] },
    };
    element.replaceChildren();
    drawn.set(element, [new uPlot(options, [data.t, data.speed, data.undisturbed, data.pace], element)]);
  }

  const plots = [...document.querySelectorAll('[data-drill]')];
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries)
      for (const plot of drawn.get(target) ?? [])
        if (target.clientWidth > 0 && target.clientWidth !== plot.width)
          plot.setSize({ width: target.clientWidth, height: plot.height });
  });
  for (const plot of plots) {
    draw(plot);
    sizes.observe(plot);
  }
  dark.addEventListener('change', () => {
    for (const plot of plots) draw(plot);
  });
})();
