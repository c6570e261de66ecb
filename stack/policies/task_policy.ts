import type { NodeContext, PickPlaceFeedback, PickPlaceResult } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { createTask } from '../../sim/index.ts';
import { createActionMap } from '../env/actions.ts';
import { DrivenCell } from '../env/driven_cell.ts';
import { proprioceptionLayout, stateLayout } from '../env/layout.ts';
import { WorldCameras } from '../env/world_cameras.ts';
import { picturesOf, type SeatPictures } from '../learned/pictures.ts';
import type { PolicyNetwork } from '../learned/policy_network.ts';
import { PolicySeat } from '../learned/policy_seat.ts';
import { CONTROL_HZ } from '../rates.ts';
import type { PolicyCell } from './index.ts';
import type { Policy } from './policy.ts';
import type { FittingPolicy } from './task_policy_file.ts';

/** Row of the network that the one world of an episode uses. */
const ROW = 0;

/**
 * A policy for a task that drives the cell of an episode: asked at its rate after the same cycles, and judged by the same
 * rules, as in an environment.
 */
export class TaskPolicy implements Policy {
  readonly nodes = [];
  readonly settles = false;
  decisions = 0;
  private readonly driven: DrivenCell;
  private readonly seat: PolicySeat;
  private readonly network: PolicyNetwork;
  private readonly world: PolicyCell;
  private readonly vector: Float32Array;
  private readonly cycles: number;
  private readonly cameras: { readonly from: WorldCameras; readonly pictures: SeatPictures } | null;
  private cycle = 0;
  private asked = false;
  private onEnd: (result: PickPlaceResult) => void = () => {};

  constructor(policy: FittingPolicy, network: PolicyNetwork, robot: Robot, world: PolicyCell) {
    const { task: name, observation, action, policy_hz, image_width: width, image_height: height } = policy.environment;
    const task = createTask(name);
    const sees = observation;
    const layout =
      sees === 'state' ? stateLayout(robot, name, task.spec.objects[1]) : proprioceptionLayout(robot, name);
    const actions = createActionMap(action, robot, 1 / policy_hz);
    const { cell, instance, randomization, episode_rng, second_world } = world;
    this.driven = new DrivenCell({
      ...{ robot, cell, instance, time_limit_s: task.time_limit_s, actions, layout, sees },
    });
    this.seat = new PolicySeat(policy.manifest, this.driven.features(policy.features));
    this.network = network;
    this.world = world;
    this.vector = new Float32Array(layout.size);
    this.cycles = CONTROL_HZ / policy_hz;
    const seeing = { width, height };
    const stream = episode_rng.stream('cameras');
    this.cameras =
      sees === 'state'
        ? null
        : {
            from: new WorldCameras(instance.scene, robot, seeing, randomization, stream, second_world),
            pictures: picturesOf(width * height),
          };
  }

  start(
    _context: NodeContext,
    _goal: unknown,
    onStage: (feedback: PickPlaceFeedback) => void,
    onEnd: (result: PickPlaceResult) => void,
  ): void {
    this.onEnd = onEnd;
    onStage({ stage: 'policy', reason: '', attempt: 1 });
  }

  /** After every cycle of control and physics. */
  cycled(): Promise<void> | undefined {
    this.cycle++;
    return this.cycle % this.cycles === 0 ? this.step() : undefined;
  }

  private async step(): Promise<void> {
    const { driven, seat, network, vector, cameras, world } = this;
    driven.look();
    driven.write(vector);
    cameras?.from.capture(world.cell.engine, cameras.pictures.rgb, cameras.pictures.depth);
    if (this.asked && this.isOver()) return;
    this.asked = true;
    seat.ask(vector, network, ROW, cameras?.pictures ?? null);
    await network.run();
    seat.answer(network, ROW);
    this.decisions++;
    if (seat.asks !== '') this.end(false, driven.furthest_stage, seat.asks);
    else driven.act(seat.action);
  }

  private isOver(): boolean {
    const { driven } = this;
    driven.judge();
    const { terminated, truncated, success, failed_stage, reason } = driven.status;
    // Time being over is what the episode itself ends by.
    if (truncated) return true;
    if (terminated) this.end(success, failed_stage === '' ? 'done' : failed_stage, reason);
    return terminated;
  }

  private end(ok: boolean, stage: string, reason: string): void {
    this.onEnd({ ok, stage, reason, attempts: 1 });
  }
}
