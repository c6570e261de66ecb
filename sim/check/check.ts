import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';

/** One law, measured: it holds if |measured − expected| ≤ tolerance, all in `unit` ("1" for ratios). */
export interface PhysicsCheck {
  readonly name: string;
  readonly expected: number;
  readonly measured: number;
  readonly tolerance: number;
  readonly unit: string;
  readonly pass: boolean;
}

export type EngineFactory = (robot: Robot, scene: SceneModel, options: { readonly dt_s: number }) => PhysicsEngine;

/** What a law is checked on. */
export interface LawSetting {
  /** Name of the engine, for figures that are stated per engine. */
  readonly engine: string;
  /** Worlds of that engine; the laws do not care where they come from. */
  readonly create: EngineFactory;
  /** Length of a step, s. */
  readonly dt_s: number;
  /** Every case, or only as many as show that the law holds. */
  readonly thorough: boolean;
}

export type Law = (setting: LawSetting) => readonly PhysicsCheck[];

export function check(name: string, expected: number, measured: number, tolerance: number, unit: string): PhysicsCheck {
  return { name, expected, measured, tolerance, unit, pass: Math.abs(measured - expected) <= tolerance };
}

/** A check whose tolerance is a part of what is expected. */
export function within(part: number, name: string, expected: number, measured: number, unit: string): PhysicsCheck {
  return check(name, expected, measured, part * Math.abs(expected), unit);
}

/**
 * The tolerance of a law, or what is stated for an engine that cannot keep the law by its design.
 * @param law  for any engine that is not named in `stated`
 */
export function tolerance(setting: LawSetting, law: number, stated: Readonly<Record<string, number>>): number {
  return Object.hasOwn(stated, setting.engine) ? stated[setting.engine] : law;
}

/** As many steps as `time_s` takes. */
export function stepsOf(setting: LawSetting, time_s: number): number {
  return Math.round(time_s / setting.dt_s);
}

/** Gives back what an engine holds outside the heap. */
export function release(engine: PhysicsEngine): void {
  if ('dispose' in engine && typeof engine.dispose === 'function') engine.dispose();
}
