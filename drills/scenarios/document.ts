import type { ExpectedEnding, Scenario, ScenarioSuite } from './scenario.ts';

/** Folder of the pictures, beside the document. */
export const PICTURES_FOLDER = 'scenarios';

/** The documentation of a file of scenarios, Markdown. */
export function scenariosDocument({ scenarios }: ScenarioSuite): string {
  const rows = scenarios.map((one) => {
    const { name, title, task, afterwards } = one;
    return `| [\`${name}\`](#${anchor(title)}) | ${reactionOf(one)} | ${endingOf(task)} | ${recoveryOf(one)}${afterwards === null ? '' : `; then ${endingOf(afterwards)}`} |`;
  });
  const sections = scenarios.map(({ name, title, happens, expected }) =>
    [
      `## ${title}`,
      `**What happens.** ${happens.trim()}`,
      `**What is expected.** ${expected.trim()}`,
      `![${title}: before, at and after](${PICTURES_FOLDER}/${name}.jpg)`,
    ].join('\n\n'),
  );
  return `${[
    '# Scenarios',
    'What can happen in a cell, and what the stack makes of it. Each is an episode of the whole stack in simulation: cameras, perception, planning, control, gate and monitors, nothing told of the state of the world. In all of them no command leaves the envelope. This page, its pictures and the tests are made from `drills/scenarios/scenarios.yaml`; `node scripts/write_scenario_docs.mjs` writes it anew.',
    'Pictures follow one another in time, line by line: before, while it happens, the reaction, its end, and how the goals ended, where these are apart. `surepick scenarios` plays all of them and makes a page on which each has its time, with a strip of stages and the speed of the tool.',
    ['| scenario | the gate and the supervisor | the goal | afterwards |', '|---|---|---|---|', ...rows].join('\n'),
    ...sections,
  ].join('\n\n')}\n`;
}

function reactionOf({ reaction }: Scenario): string {
  if (reaction === null) return 'nothing';
  const { mode, degradation, pace, reasons, within_s } = reaction;
  const parts = [
    ...(mode === 'automatic' ? [] : [`\`${mode}\``]),
    ...(degradation === 'none' ? [] : [`degraded to \`${degradation}\``]),
    ...(pace < 1 ? [`at most ${100 * pace} % of the speed`] : []),
  ];
  const why = reasons.length === 0 ? '' : `, ${reasons.map((reason) => `\`${reason}\``).join(', ')}`;
  return `${parts.join(', ')}${why}, within ${within_s} s`;
}

function endingOf({ ok, stage, attempts }: ExpectedEnding): string {
  if (ok) return attempts === 1 ? 'done' : `done, in ${attempts} attempts or more`;
  return `given up in \`${stage}\`, with the reason`;
}

function recoveryOf({ recovery, afterwards }: Scenario): string {
  if (recovery === 'reset') return 'a person resets the stop';
  return afterwards === null ? 'nothing to be done' : 'when it is over, by itself';
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
