/* global uPlot */
/* Behaviour of the report page: sorting, filtering, and plots drawn when they come into view. Works without a network. */
(() => {
  const JOINT_COLOURS = ['#3b82f6', '#e8833a', '#22a36b', '#d6457c', '#8b6cf0', '#b8901f', '#1aa6b7', '#7c8798'];
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** Shades the stages behind a plot and marks the gate's events. */
  function background({ stages, events }) {
    return (plot) => {
      const { ctx, bbox } = plot;
      const x = (t) => plot.valToPos(t, 'x', true);
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      for (const { from, to, hue } of stages) {
        ctx.fillStyle = `hsla(${hue}, 65%, 50%, ${dark.matches ? 0.16 : 0.1})`;
        ctx.fillRect(x(from), bbox.top, x(to) - x(from), bbox.height);
      }
      ctx.fillStyle = colour('--bad');
      for (const time of events) ctx.fillRect(x(time), bbox.top, Math.max(1, devicePixelRatio), bbox.height);
      ctx.restore();
    };
  }

  function axis(size, values) {
    const style = { stroke: colour('--soft'), font: '12px system-ui, sans-serif', size };
    const grid = { stroke: colour('--grid'), width: 1 };
    return { ...style, grid, ticks: { ...grid, size: 4 }, values };
  }

  const seconds = (_plot, ticks) => ticks.map((tick, i) => (i === ticks.length - 1 ? `${tick} s` : String(tick)));
  const value = (digits, unit) => (_plot, raw) =>
    raw === null || raw === undefined ? '–' : `${raw.toFixed(digits)}${unit}`;

  function options(data, element, series, key) {
    return {
      width: element.clientWidth,
      height: 220,
      cursor: { sync: { key }, points: { size: 6 }, drag: { x: true, y: false } },
      scales: { x: { time: false } },
      axes: [axis(30, seconds), axis(42)],
      series: [{ label: 't', value: value(2, ' s') }, ...series],
      legend: { live: true },
      hooks: { drawClear: [background(data)] },
    };
  }

  function draw(box) {
    const data = JSON.parse(document.getElementById(`data-${box.dataset.plots}`).textContent);
    const key = `episode-${box.dataset.plots}`;
    const joints = data.joints.map((label, i) => ({
      label: label.replace(/^.*?(joint\d+)$/, '$1'),
      stroke: JOINT_COLOURS[i % JOINT_COLOURS.length],
      width: 1.5,
      points: { show: false },
      value: value(3, ''),
    }));
    const speed = [
      {
        label: 'speed',
        stroke: colour('--accent'),
        fill: `color-mix(in srgb, ${colour('--accent')} 14%, transparent)`,
        width: 1.5,
        points: { show: false },
        value: value(3, ' m/s'),
      },
    ];
    const plots = [];
    for (const [name, series, columns] of [
      ['joints', joints, data.q],
      ['speed', speed, [data.speed]],
    ]) {
      const element = box.querySelector(`[data-plot="${name}"]`);
      element.replaceChildren();
      plots.push(new uPlot(options(data, element, series, key), [data.t, ...columns], element));
    }
    for (const old of drawn.get(box) ?? []) old.destroy();
    drawn.set(box, plots);
  }

  function resize(box) {
    for (const plot of drawn.get(box) ?? []) {
      const width = plot.root.parentElement.clientWidth;
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
    }
  }

  const boxes = [...document.querySelectorAll('[data-plots]')];
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        if (!drawn.has(target)) draw(target);
      }
    },
    { rootMargin: '400px' },
  );
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) resize(target);
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

  const table = document.getElementById('summary');
  if (table === null) return;

  function sortBy(column, heading) {
    const numeric = !heading.classList.contains('text');
    const descending = heading.getAttribute('aria-sort') === 'ascending';
    const key = (row) => {
      const raw = row.cells[column].dataset.value;
      if (!numeric) return raw;
      return raw === '' ? Number.POSITIVE_INFINITY : Number(raw);
    };
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      return x < y ? -1 : x > y ? 1 : 0;
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    table.tBodies[0].append(...rows);
  }

  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = heading.textContent;
    button.addEventListener('click', () => sortBy(column, heading));
    heading.replaceChildren(button);
  });

  const failed = table.querySelectorAll('tr.bad').length;
  if (failed > 0 && failed < table.tBodies[0].rows.length) {
    const box = document.getElementById('only-failures');
    box.parentElement.hidden = false;
    box.addEventListener('change', () => document.body.classList.toggle('failures-only', box.checked));
  }
})();
