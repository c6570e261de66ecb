/* global uPlot */
/* Draws the series of a safety report. Works without a network. */
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const axis = (size) => {
    const grid = { stroke: colour('--grid'), width: 1 };
    return { stroke: colour('--soft'), font: '12px system-ui, sans-serif', size, grid, ticks: { ...grid, size: 4 } };
  };
  const drawn = new Map();

  function draw(box) {
    const data = JSON.parse(document.getElementById(`series-${box.dataset.series}`).textContent);
    const line = (label, name) => ({ label, stroke: colour(name), width: 1.5, points: { show: false } });
    drawn.get(box)?.destroy();
    box.replaceChildren();
    const options = {
      width: box.clientWidth,
      height: 220,
      scales: { x: { time: false } },
      axes: [axis(30), axis(42)],
      series: [
        { label: 's' },
        line('pace', '--ok'),
        line('distance', '--accent'),
        line('least that would do', '--bad'),
      ],
    };
    const columns = [data.t_s, data.pace, data.separation_m, data.protective_distance_m];
    drawn.set(box, new uPlot(options, columns, box));
  }

  const boxes = [...document.querySelectorAll('[data-series]')];
  for (const box of boxes) draw(box);
  dark.addEventListener('change', () => {
    for (const box of boxes) draw(box);
  });
  window.addEventListener('resize', () => {
    for (const [box, plot] of drawn) plot.setSize({ width: box.clientWidth, height: plot.height });
  });
})();
