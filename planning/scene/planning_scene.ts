import { readFileSync } from 'node:fs';
import type { Obstacle } from '../../collision/index.ts';
import { type ConvexMesh, InputError, type Pose, type Shape } from '../../contracts/index.ts';
import { parseSceneMessage } from './scene_message.ts';
import { parseSceneText } from './scene_text.ts';

/** An object that moves with a link of the robot. */
export interface AttachedObject {
  readonly name: string;
  readonly link: string;
  readonly shape: Shape | ConvexMesh;
  readonly T_link_shape: Pose;
  /** Links whose contact with it is none. */
  readonly touch_links: readonly string[];
}

/** What is around a robot, as MoveIt says it. Objects of several shapes are several obstacles of one name. */
export interface PlanningScene {
  readonly name: string;
  /** Poses in the world, which is the frame of the robot's root link. */
  readonly obstacles: readonly Obstacle[];
  readonly attached: readonly AttachedObject[];
  /** Pairs of names (links, obstacles, attached objects) whose contact is none. */
  readonly allowed: readonly (readonly [string, string])[];
  /** Names whose contact with anything is none. */
  readonly always_allowed: readonly string[];
  /** How much links are grown (m). */
  readonly link_padding: Readonly<Record<string, number>>;
  /** Positions of joints (rad or m), where the scene says them. */
  readonly joints: Readonly<Record<string, number>>;
}

export interface SceneOptions {
  /** Where frames that objects are given in stand in the world. The root link, `world` and '' are known. */
  readonly frames?: Readonly<Record<string, Pose>>;
  /** Name of the robot's root link. */
  readonly root_link?: string;
  /** Where `package://NAME/…` of meshes is looked for first. */
  readonly package_dir?: string;
  readonly padding_m?: number;
}

const MAX_BYTES = 128 * 1024 * 1024;

/** Reads a planning scene from a file; as parsePlanningScene. */
export function readPlanningScene(file: string, options: SceneOptions = {}): PlanningScene {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
    throw new InputError(`planning scene ${file} cannot be read (${code})`, 'give a .scene, YAML or JSON file', {
      cause: error,
    });
  }
  return parsePlanningScene(text, file, options);
}

/**
 * A planning scene from MoveIt's .scene text (with object poses or the older form without), or from a
 * moveit_msgs/PlanningScene as YAML or JSON, as MotionBenchMaker writes it. Throws InputError, naming the place, for text
 * that is neither, numbers that are none, shapes without volume and frames it does not know.
 */
export function parsePlanningScene(text: string, file: string, options: SceneOptions = {}): PlanningScene {
  if (text.length > MAX_BYTES)
    throw new InputError(`${file}: ${text.length} characters`, `at most ${MAX_BYTES} are read`);
  const isText = file.endsWith('.scene') || /^[^\n]*\r?\n\s*(\*|\.\s*$)/.test(text);
  return isText ? parseSceneText(text, file, options) : parseSceneMessage(text, file, options);
}
