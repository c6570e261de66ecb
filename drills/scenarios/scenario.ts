import { join } from 'node:path';
import { z } from 'zod';
import {
  DEGRADATIONS,
  EPISODE_STAGES,
  InputError,
  PACKAGE_ROOT,
  SAFETY_MODES,
  vector3,
} from '../../contracts/index.ts';
import { YamlFile } from '../../launch/index.ts';
import { separationSection } from '../../safety/index.ts';

/** When something begins: so long after a stage of the task began, in that attempt. */
const moment = z
  .strictObject({
    stage: z.enum([...EPISODE_STAGES, 'policy']),
    attempt: z.number().int().positive().default(1),
    after_s: z.number().nonnegative().default(0),
  })
  .readonly();

const lasting = { at: moment, for_s: z.number().positive().max(20) };

/** What happens to the cell. World axes (the robot's base); forces in N. */
const disturbance = z.discriminatedUnion('kind', [
  /** A force on the hand at the tool frame's origin, or on the object the goal names at its centre of mass. */
  z.strictObject({ kind: z.literal('push'), ...lasting, on: z.enum(['hand', 'object']), force_N: vector3 }),
  /** Nothing more: the world is different from the start, which shows at this moment. */
  z.strictObject({ kind: z.literal('given'), ...lasting }),
  /** A dark cloth hangs before the lens of the camera over the table. */
  z.strictObject({ kind: z.literal('cover_camera'), ...lasting }),
  /** A person walks along these points: time since the beginning (s), x and y (m). */
  z.strictObject({
    kind: z.literal('person'),
    ...lasting,
    path: z
      .array(z.tuple([z.number(), z.number(), z.number()]).readonly())
      .min(2)
      .readonly(),
  }),
  /** The policy that commands the arm is replaced by one of random weights. */
  z.strictObject({ kind: z.literal('swap_policy'), ...lasting }),
  /** Something between the fingers that keeps them apart by so much (m). */
  z.strictObject({ kind: z.literal('jam'), ...lasting, width_m: z.number().positive().max(0.08) }),
  /** The table slides by so much (m) with what stands on it, at an even speed. */
  z.strictObject({ kind: z.literal('slide_table'), ...lasting, by_m: z.tuple([z.number(), z.number()]).readonly() }),
]);
export type Disturbance = Readonly<z.infer<typeof disturbance>>;

/** What the safety gate and the supervisor are to make of it. */
const reaction = z
  .strictObject({
    mode: z.enum(SAFETY_MODES),
    /** All of these are among the reasons that /safety/state gives. */
    reasons: z.array(z.string()).readonly().default([]),
    degradation: z.enum(DEGRADATIONS).default('none'),
    /** The share of the usual speed that is left, at most. */
    pace: z.number().min(0).max(1).default(1),
    /** From the beginning of the disturbance to the state that says so, at most, s. */
    within_s: z.number().positive(),
  })
  .readonly();

/** How a goal is to end. */
const ending = z
  .strictObject({
    ok: z.boolean(),
    /** Where it failed, and words of the reason it gives. */
    stage: z.string().default(''),
    reason: z.string().default(''),
    /** Attempts it takes, at least. */
    attempts: z.number().int().positive().default(1),
  })
  .readonly();
export type ExpectedEnding = z.infer<typeof ending>;

const scenario = z
  .strictObject({
    name: z.string().regex(/^[a-z_]+$/),
    title: z.string().min(1),
    /** For people: what happens, and what the stack is to do. */
    happens: z.string().min(1),
    expected: z.string().min(1),
    /** Pick-and-place world of this seed and episode, and what is different in it. */
    world: z
      .strictObject({
        seed: z.number().int().nonnegative(),
        episode: z.number().int().nonnegative(),
        object_mass_kg: z.number().positive().optional(),
        object_friction: z.number().nonnegative().optional(),
      })
      .readonly(),
    /** Whether a goal of the world is asked for, or a learned policy commands the arm. */
    steered_by: z.enum(['goal', 'policy']).default('goal'),
    disturbance,
    /** Null: nothing of it concerns safety, and no command is held back. */
    reaction: reaction.nullable(),
    task: ending,
    /** What a person does when the arm is at rest and the disturbance over: nothing, or the reset of the stop. */
    recovery: z.enum(['none', 'reset']),
    /** How the same goal ends after that, if it is sent again. */
    afterwards: ending.nullable(),
  })
  .readonly();
export type Scenario = z.infer<typeof scenario>;

/** What all cells of the file have alike. */
const cell = z
  .strictObject({
    /** From which torque on contact with what nobody knows of stops the arm, see ContactDetectorOptions. */
    contact: z.strictObject({ least_Nm: z.number().positive(), effort_share: z.number().nonnegative() }).readonly(),
    /** What the envelope relies on of people, see there. */
    separation: separationSection,
    /** Of the tracker of people. */
    tracker: z
      .strictObject({
        rate_hz: z.number().positive(),
        delay_s: z.number().nonnegative(),
        error_m: z.number().nonnegative(),
      })
      .readonly(),
  })
  .readonly();
export type ScenarioSetup = z.infer<typeof cell>;

/** A file of scenarios. */
export interface ScenarioSuite {
  readonly cell: ScenarioSetup;
  readonly scenarios: readonly Scenario[];
}

export const SCENARIOS_FILE = join(PACKAGE_ROOT, 'drills', 'scenarios', 'scenarios.yaml');

/** The scenarios of a file in its order. Throws InputError with file, line and column of what is wrong. */
export function readScenarios(file = SCENARIOS_FILE): ScenarioSuite {
  const yaml = YamlFile.read(file);
  const suite = yaml.as(z.strictObject({ cell, scenarios: z.array(scenario).min(1).readonly() }));
  const { scenarios } = suite;
  scenarios.forEach(({ name }, i) => {
    if (scenarios.findIndex((other) => other.name === name) === i) return;
    throw yaml.refuse(['scenarios', i, 'name'], 'is there twice');
  });
  return suite;
}

/** Those of the names given, all without. Throws InputError for a name that there is not. */
export function chooseScenarios(all: readonly Scenario[], names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new InputError(`scenario ${name}`, `one of ${all.map((one) => one.name).join(', ')}`);
  });
}
