import {
  type EntityState,
  InputError,
  type Pose,
  SIMULATION_RESULTS,
  type SimulationResult,
  secondsToStamp,
} from '../../contracts/index.ts';
import { InvalidStateError } from '../../sim/index.ts';
import type { LiveWorld } from './live_world.ts';
import { OK, type Request, type Response, refused, SET_ENTITY_RESULTS, SPAWN_RESULTS } from './services.ts';
import { SPAWNABLES, spawnedObject } from './spawnables.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const MOST_OBJECTS = 64;
const LONGEST_FILTER = 256;
/** A quaternion whose norm differs by more is none; nearer ones are made unit. */
const NORM = 1e-3;

/** The services of a simulator that concern its entities: the robot and the objects, by name. */
export class Entities {
  private readonly world: LiveWorld;

  constructor(world: LiveWorld) {
    this.world = world;
  }

  list({ filter }: Request<'entities'>): Response<'entities'> {
    const names = [this.world.robot.name, ...this.world.scene.objects.map(({ name }) => name)];
    const pattern = filter.length > LONGEST_FILTER ? null : expression(filter);
    if (pattern === null) {
      const message = `filter "${filter.slice(0, 40)}": a regular expression of at most ${LONGEST_FILTER} characters`;
      return { result: refused(SIMULATION_RESULTS.operation_failed, message), entities: [] };
    }
    return { result: OK, entities: names.filter((name) => pattern.test(name)) };
  }

  spawnables({ sources }: Request<'spawnables'>): Response<'spawnables'> {
    if (sources.length === 0) return { result: OK, spawnables: SPAWNABLES };
    const message = `source "${sources[0]}": objects come from this simulator alone; ask without sources`;
    return { result: refused(SIMULATION_RESULTS.feature_unsupported, message), spawnables: [] };
  }

  spawn(request: Request<'spawn'>): Response<'spawn'> {
    const refuse = (code: number, message: string) => ({ result: refused(code, message), entity: '' });
    const { uri, resource, frame_id } = request;
    if (resource !== '') {
      return refuse(SPAWN_RESULTS.unsupported_format, 'resource text: give a uri of get_spawnables instead');
    }
    if (uri === '') return refuse(SPAWN_RESULTS.no_resource, 'uri "": one of get_spawnables');
    const name = this.nameFor(request);
    if (typeof name !== 'string') return refuse(name.code, name.message);
    const frame = this.frameRefusal(frame_id);
    const pose = unitPose(request.pose);
    if (frame !== '' || typeof pose === 'string') {
      return refuse(SPAWN_RESULTS.invalid_pose, typeof pose === 'string' ? pose : frame);
    }
    if (this.world.scene.objects.length >= MOST_OBJECTS) {
      return refuse(SIMULATION_RESULTS.operation_failed, `${MOST_OBJECTS} objects are there; delete one first`);
    }
    try {
      this.world.spawn(spawnedObject(uri, name, pose));
      return { result: OK, entity: name };
    } catch (error) {
      if (error instanceof InvalidStateError) return refuse(SPAWN_RESULTS.invalid_pose, error.message);
      if (error instanceof InputError) return refuse(SPAWN_RESULTS.resource_parse_error, error.message);
      throw error;
    }
  }

  delete({ entity }: Request<'delete'>): Response<'delete'> {
    const { world } = this;
    const index = this.indexOf(entity);
    if (entity === world.robot.name) {
      const message = `entity "${entity}": the robot stays; end the simulation instead`;
      return { result: refused(SIMULATION_RESULTS.operation_failed, message) };
    }
    if (index < 0) return { result: this.unknown(entity) };
    world.remove(index);
    return { result: OK };
  }

  get({ entity }: Request<'get_entity'>): Response<'get_entity'> {
    const { world } = this;
    const index = this.indexOf(entity);
    const state = new Float64Array(13);
    state[6] = 1;
    if (index >= 0) world.engine.objectState(index, state, 0);
    const result = index >= 0 || entity === world.robot.name ? OK : this.unknown(entity);
    return { result, state: entityStateOf(state, secondsToStamp(world.time_s)) };
  }

  set({ entity, state }: Request<'set_entity'>): Response<'set_entity'> {
    const { world } = this;
    const index = this.indexOf(entity);
    if (entity === world.robot.name) {
      const message = `entity "${entity}": the robot is moved by its controller; reset the simulation to bring it home`;
      return { result: refused(SIMULATION_RESULTS.operation_failed, message) };
    }
    if (index < 0) return { result: this.unknown(entity) };
    const frame = this.frameRefusal(state.frame_id);
    const pose = unitPose(state.pose);
    if (frame !== '' || typeof pose === 'string') {
      const message = typeof pose === 'string' ? pose : frame;
      return { result: refused(SET_ENTITY_RESULTS.invalid_pose, message) };
    }
    const [v, w] = [state.linear, state.angular];
    if (![...v, ...w].every(Number.isFinite)) {
      const message = `twist ${[...v, ...w].join(' ')}: finite numbers`;
      return { result: refused(SIMULATION_RESULTS.operation_failed, message) };
    }
    world.engine.setObjectState(index, [...pose.position, ...pose.orientation, ...v, ...w]);
    return { result: OK };
  }

  private indexOf(entity: string): number {
    return this.world.scene.objects.findIndex(({ name }) => name === entity);
  }

  private unknown(entity: string): SimulationResult {
    const names = this.world.scene.objects.map(({ name }) => name);
    return refused(SIMULATION_RESULTS.not_found, `entity "${entity}": one of ${names.join(', ') || 'none'}`);
  }

  /** A name for what is spawned, or why it cannot have the one it is to have. */
  private nameFor({ name, allow_renaming }: Request<'spawn'>): string | SimulationResult {
    const { world } = this;
    const taken = (other: string) => other === world.robot.name || this.indexOf(other) >= 0;
    if (name !== '' && !NAME.test(name)) {
      return refused(SPAWN_RESULTS.name_invalid, `name "${name}": letters, digits and _, a letter first`);
    }
    if (name !== '' && !taken(name)) return name;
    if (name !== '' && !allow_renaming) {
      return refused(SPAWN_RESULTS.name_not_unique, `name "${name}": taken; choose another or allow renaming`);
    }
    for (let k = 0; ; k++) if (!taken(`${name || 'object'}_${k}`)) return `${name || 'object'}_${k}`;
  }

  private frameRefusal(frame_id: string): string {
    const { root_link } = this.world.robot.model;
    return ['', 'world', root_link].includes(frame_id) ? '' : `frame "${frame_id}": world or ${root_link}`;
  }
}

function expression(filter: string): RegExp | null {
  try {
    return new RegExp(filter);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The pose with a quaternion of norm 1, or what is wrong with it. */
function unitPose({ position, orientation }: Pose): Pose | string {
  const norm = Math.hypot(...orientation);
  if (!position.every(Number.isFinite)) return `position ${position.join(' ')}: finite numbers`;
  if (!(Math.abs(norm - 1) <= NORM)) return `orientation of norm ${norm}: a unit quaternion`;
  const [x, y, z, w] = orientation.map((q) => q / norm);
  return { position, orientation: [x, y, z, w] };
}

function entityStateOf(s: Float64Array, stamp_ns: bigint): EntityState {
  return {
    stamp_ns,
    frame_id: 'world',
    pose: { position: [s[0], s[1], s[2]], orientation: [s[3], s[4], s[5], s[6]] },
    linear: [s[7], s[8], s[9]],
    angular: [s[10], s[11], s[12]],
  };
}
