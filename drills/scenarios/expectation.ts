import type { GoalEnd, SafetyChange } from './chronicle.ts';
import type { ScenarioRun } from './run_scenario.ts';
import type { ExpectedEnding } from './scenario.ts';

/** What a scenario expects and its run did not bring, one line each. */
export function unmet(run: Omit<ScenarioRun, 'unmet'>): readonly string[] {
  const { scenario, first, second, violations, began_s, ended_s } = run;
  const missing = [...unmetReaction(run), ...unmetEnding('goal', scenario.task, first)];
  if (!(ended_s >= began_s)) missing.push('the disturbance did not come to pass');
  if (scenario.afterwards !== null) missing.push(...unmetEnding('goal afterwards', scenario.afterwards, second));
  const last = scenario.afterwards ?? scenario.task;
  // A goal that came late is judged by how things stand.
  const failed = Object.entries(run.checks).filter(([name, holds]) => name !== 'in_time' && !holds);
  if (last.ok && failed.length > 0) missing.push(`at the end not ${failed.map(([name]) => name).join(', ')}`);
  if (violations > 0) missing.push(`${violations} commands outside a limit of the envelope`);
  return missing;
}

/** Whether it leaves less than the usual motion. */
export function restrains({ mode, degradation, pace }: SafetyChange): boolean {
  return mode !== 'automatic' || degradation !== 'none' || pace < 0.9;
}

function unmetReaction({ scenario, changes, began_s }: Omit<ScenarioRun, 'unmet'>): string[] {
  const { reaction } = scenario;
  const since = changes.filter(({ time_s }) => time_s >= began_s);
  if (reaction === null) {
    const held = since.filter(restrains);
    return held.map(
      ({ mode, degradation, reasons }) => `no reaction expected, but ${mode}, ${degradation}: ${reasons}`,
    );
  }
  const { mode, degradation, reasons, within_s, pace } = reaction;
  const found = since.find(
    (one) =>
      one.mode === mode &&
      one.degradation === degradation &&
      one.pace <= pace &&
      reasons.every((reason) => one.reasons.some((given) => given.includes(reason))),
  );
  const wanted = `${mode} (${degradation})${reasons.length > 0 ? ` for ${reasons.join(', ')}` : ''}`;
  if (found === undefined) return [`${wanted} did not come`];
  const after_s = found.time_s - began_s;
  return after_s <= within_s + 1e-9 ? [] : [`${wanted} came after ${after_s.toFixed(3)} s, ${within_s} s allowed`];
}

function unmetEnding(what: string, wanted: ExpectedEnding, end: GoalEnd | null): string[] {
  if (end === null) return [`${what}: has not ended`];
  const told = end.ok ? `done, ${end.attempts} attempts` : `${end.stage}: ${end.reason}`;
  const as_wanted =
    end.ok === wanted.ok &&
    (wanted.stage === '' || end.stage === wanted.stage) &&
    end.reason.includes(wanted.reason) &&
    end.attempts >= wanted.attempts;
  return as_wanted ? [] : [`${what}: expected ${show(wanted)}, but ${told}`];
}

function show({ ok, stage, reason, attempts }: ExpectedEnding): string {
  return ok ? `done, at least ${attempts} attempts` : `${stage}: … ${reason} …`;
}
