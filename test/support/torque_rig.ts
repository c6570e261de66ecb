import type { TorqueController } from '../../control/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import type { SimArmOptions } from '../../sim/index.ts';
import { armRig } from './arm_rig.ts';
import { type EngineRig, PANDA } from './sim_rig.ts';

/** The Panda in cannon, driven by a torque controller every step; a wrench may push its tool. */
export class TorqueRig {
  readonly rig: EngineRig;
  readonly controller: TorqueController;
  /** Force on the tool's origin (N) and torque (Nm), world axes. */
  readonly push = new Float64Array(6);
  private readonly data = new RobotData(PANDA.model);
  private readonly frame = frameIndex(PANDA.model, PANDA.tcp_frame);
  private readonly wrench = new Float64Array(6);
  private readonly T = new Float64Array(12);

  constructor(controller: TorqueController, q: Float64Array = PANDA.home_q, actuators: Partial<SimArmOptions> = {}) {
    this.rig = armRig({ command_interface: 'torque', ...actuators }, q);
    this.controller = controller;
    this.rig.command.torque_interface = true;
    controller.begin(this.rig.arm.read());
  }

  /** T_base_tool as it is, 12. */
  pose(): Float64Array {
    forwardKinematics(PANDA.model, this.data, this.rig.engine.q);
    framePose(PANDA.model, this.data, this.frame, this.T);
    return this.T.slice();
  }

  run(steps: number, each: (k: number) => void = () => {}): void {
    const { rig, controller, push, wrench, T } = this;
    const body = PANDA.model.frames[this.frame].body;
    const { command, engine, arm } = rig;
    for (let k = 0; k < steps; k++) {
      controller.torque(arm.read(), command.effort);
      arm.write(command);
      arm.actuate();
      this.pose();
      const at = [0, 1, 2].map((i) => T[9 + i] - this.data.p[3 * body + i]);
      wrench.set(push);
      // The engine takes torques about the body frame's origin.
      for (let i = 0; i < 3; i++) {
        const [j, l] = [(i + 1) % 3, (i + 2) % 3];
        wrench[3 + i] += at[j] * push[l] - at[l] * push[j];
      }
      engine.pushBody(body, wrench);
      engine.step();
      each(k);
    }
  }
}
