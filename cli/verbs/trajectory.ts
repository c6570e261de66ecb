import type { Command } from 'commander';
import { z } from 'zod';
import { CasePlanner, caseInput, trajectoryCases } from '../../trajectory/index.ts';
import { emitJson, numberWithin, say } from '../common.ts';
import { readJsonFile, writeTextFile } from '../json_files.ts';

const flagsOf = z.object({ in: z.string(), out: z.string(), dt: z.number().optional(), json: z.boolean().optional() });

export function addTrajectory(program: Command): void {
  program
    .command('trajectory')
    .description(
      'Time-optimal motions within limits of velocity, acceleration, jerk and position, from state to state.',
    )
    .requiredOption(
      '--in <file>',
      '{"cases":[{p0,v0,a0,p1,v1,a1,vmax,amax,jmax,pmin?,pmax?}],"synchronization":"time"|"phase"|"none"}: ' +
        'lists of one number a joint; p1 null or left out: to v1 and a1 at any position; null in pmin, pmax: no limit',
    )
    .requiredOption(
      '--out <file>',
      '{"cases":[{"duration":s or null,"reason"?,"synchronization"?,"samples"?:{t,p,v,a}}]}',
    )
    .option('--dt <s>', 'adds samples at k·dt and one at the duration', numberWithin(1e-9, 1e9))
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick trajectory --in moves.json --out trajectories.json --dt 0.001')
    .action((raw: Record<string, unknown>) => {
      const flags = flagsOf.parse(raw);
      const given = readJsonFile(flags.in, trajectoryCases);
      const synchronization = given.synchronization ?? 'time';
      const inputs = given.cases.map((each, i) => caseInput(each, i, flags.in));
      const planner = new CasePlanner();
      const times_us: number[] = [];
      let solved = 0;
      let fallbacks = 0;
      let max_duration_s = 0;
      function* pieces(): Generator<string> {
        yield '{"cases":[';
        for (const [i, input] of inputs.entries()) {
          const started = performance.now();
          const result = planner.plan(input, synchronization);
          times_us.push((performance.now() - started) * 1000);
          let samples = {};
          if (result.duration !== null) {
            if (flags.dt) samples = { samples: planner.sample(input.n, flags.dt, `${flags.in} at cases[${i}]`) };
            solved++;
            if (result.synchronization !== synchronization) fallbacks++;
            max_duration_s = Math.max(max_duration_s, result.duration);
          }
          yield `${i === 0 ? '' : ','}${JSON.stringify({ ...result, ...samples })}`;
        }
        yield ']}\n';
      }
      writeTextFile(flags.out, pieces());
      const infeasible = inputs.length - solved;
      const not_in_phase = fallbacks > 0 ? `, ${fallbacks} of them not in phase` : '';
      say(
        `${solved} of ${inputs.length} cases planned${not_in_phase}, ${infeasible} infeasible, written to ${flags.out}`,
      );
      if (!flags.json) return;
      times_us.sort((a, b) => a - b);
      emitJson('trajectory', {
        cases: inputs.length,
        solved,
        infeasible,
        synchronization,
        not_in_phase: fallbacks,
        max_duration_s,
        median_us: times_us[Math.floor(times_us.length / 2)],
        max_us: times_us[times_us.length - 1],
        out: flags.out,
      });
    });
}
