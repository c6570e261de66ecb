// Which of graded policies make up a population, by a rule that was written down before there were grades: of every bin those
// nearest to its targets, best fit of all sets first; a place at an end that nobody fills goes to whom of the rest the grade is
// farthest from those taken. Of equals the first by name.
const ROUNDING = 1e-9;

export function choosePopulation({ bins, margin }, grades) {
  const names = Object.keys(grades).sort();
  const taken = new Set();
  let free = 0;
  for (const { low, high, targets, end } of bins) {
    const inside = names.filter((name) => isInside({ low, high }, margin, grades[name]));
    const best = bestFit(inside, targets, grades);
    if (best !== null) for (const name of best) taken.add(name);
    else if (end) free += targets.length;
    else throw new Error(`${inside.length} policies between ${low} and ${high}: ${targets.length}`);
  }
  for (; free > 0; free--) {
    const within = names.filter(
      (name) => !taken.has(name) && bins.some((bin) => !bin.end && isInside(bin, margin, grades[name])),
    );
    const lonely = (name) => Math.min(...[...taken].map((other) => Math.abs(grades[other] - grades[name])));
    within.sort((a, b) => lonely(b) - lonely(a));
    if (within.length === 0) throw new Error('no policy is left for a free place');
    taken.add(within[0]);
  }
  return [...taken].sort((a, b) => grades[a] - grades[b]);
}

function isInside({ low, high }, margin, grade) {
  return grade - low > margin - ROUNDING && high - grade > (high < 1 ? margin : 0) - ROUNDING;
}

/** Distinct names for the targets in order, with the least sum of distances; null where there are too few. */
function bestFit(names, targets, grades) {
  if (targets.length === 0) return [];
  let best = null;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const rest = bestFit(
      names.filter((other) => other !== name),
      targets.slice(1),
      grades,
    );
    if (rest === null) continue;
    const chosen = [name, ...rest];
    const off = chosen.reduce((sum, one, k) => sum + Math.abs(grades[one] - targets[k]), 0);
    if (off < least - 1e-9) [best, least] = [chosen, off];
  }
  return best;
}
