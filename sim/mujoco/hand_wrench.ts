import { frameIndex } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { Layout } from './layout.ts';
import type { Views } from './module.ts';

/** Which bodies are the hand, and what contacts and pushes did to them in the last step. */
export class HandWrench {
  /** Force (N) and torque about the tool frame (Nm), world axes. */
  readonly value = new Float64Array(6);
  /** 1 for every body, by the engine's numbers, that is the hand or a finger. */
  readonly is_hand: Uint8Array;
  private readonly layout: Layout;
  private readonly first_link: number;
  private readonly tool_body: number;
  private readonly tool_p: readonly number[];
  /** Body next to the root link that carries the tool. */
  private readonly root_body: number;

  constructor({ model, tcp_frame }: Robot, layout: Layout, objects: number) {
    const tool = frameIndex(model, tcp_frame);
    this.layout = layout;
    this.first_link = 1 + objects;
    this.tool_body = tool < 0 ? -1 : model.frames[tool].body;
    this.tool_p = tool < 0 ? [0, 0, 0] : model.frames[tool].p;
    let root = this.tool_body;
    while (root >= 0 && model.parent[root] >= 0) root = model.parent[root];
    this.root_body = root;
    this.is_hand = new Uint8Array(this.first_link + model.nb);
    for (let b = 0; b < model.nb; b++) {
      const parent = model.parent[b];
      const carried = b === this.tool_body || (parent >= 0 && this.is_hand[this.first_link + parent] === 1);
      this.is_hand[this.first_link + b] = carried ? 1 : 0;
    }
  }

  /** Sums the external forces of the hand's bodies, after mj_rnePostConstraint and mj_kinematics. */
  update({ cfrc_ext, subtree_com, xpos, xmat }: Views): void {
    const { value: w, layout, is_hand, first_link, tool_body, tool_p } = this;
    w.fill(0);
    if (tool_body < 0) return;
    const tool = layout.link_body[tool_body];
    for (let b = tool_body; b < layout.link_body.length; b++) {
      if (is_hand[first_link + b] === 0) continue;
      const k = 6 * layout.link_body[b];
      for (let i = 0; i < 3; i++) {
        w[i] += cfrc_ext[k + 3 + i];
        w[3 + i] += cfrc_ext[k + i];
      }
    }
    // From the centre of mass of the robot, where MuJoCo has torques, to the tool frame.
    const c = 3 * layout.link_body[this.root_body];
    const r = 9 * tool;
    const at = (i: number) =>
      subtree_com[c + i] -
      xpos[3 * tool + i] -
      (xmat[r + 3 * i] * tool_p[0] + xmat[r + 3 * i + 1] * tool_p[1] + xmat[r + 3 * i + 2] * tool_p[2]);
    const x = at(0);
    const y = at(1);
    const z = at(2);
    w[3] += y * w[2] - z * w[1];
    w[4] += z * w[0] - x * w[2];
    w[5] += x * w[1] - y * w[0];
  }
}
