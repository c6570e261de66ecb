import { COLOURS, OBJECT_CLASSES } from '../../contracts/index.ts';
import { fromConstants, type Tape, type Value } from '../graph/index.ts';
import type { EyeCamera } from './vision_cameras.ts';
import {
  COLOUR_GAIN,
  type EyeShape,
  eyeParameters,
  HEIGHT_GAIN,
  HIGHEST,
  LOWEST,
  PAINTS,
  paintsSeen,
} from './vision_eye.ts';
import { clip, mean, part, pull, square, sum } from './vision_graph.ts';
import { HOLDING, hold } from './vision_holding.ts';
import { angularity, LOOKS, type Measured, type Recalled, recall, remember, standing } from './vision_memory.ts';

/** What an eye is told beside its pictures: names and sizes of the features, in this order. */
export const EYE_TOLD = [
  ['wanted_class', OBJECT_CLASSES.length],
  ['wanted_colour', COLOURS.length],
  ['tool_rotation', 6],
  ['goal_target', 3],
  ['tool_position', 3],
  ['gripper_width', 1],
] as const;
export const EYE_TOLD_SIZE = EYE_TOLD.reduce((total, [, size]) => total + size, 0);

/** What an eye says, in this order: names and sizes of the features of the state that it tells by what it sees. */
export const EYE_SAYS = [
  ['wanted_offset', 3],
  ['wanted_touched', 1],
  ['wanted_gap', 1],
  ['wanted_to_goal', 2],
  ['grasp_offset', 3],
  ['grasp_turn', 1],
  ['grasp_width', 1],
  ['travel_offset', 1],
  ['carry_offset', 1],
] as const;
export const EYE_FEATURES = EYE_SAYS.reduce((total, [, size]) => total + size, 0);
export const EYE_MEMORY = LOOKS + HOLDING;

/** Channels of one camera's picture: red, green, blue, depth. */
const PICTURE_CHANNELS = 4;
/** What is nearer to an object's middle is its own; soft border (m). */
const OWN_M = 0.055;
const BORDER_M = 0.01;
/** How far under the highest point still is the top (m). */
const TOP_M = 0.008;
/** Moves of a look to the middle of what is near it. */
const SHIFTS = 3;
/** Reach of what is between the fingers (m). */
const FINGERS_M = 0.025;
/** Room over what the tool passes, and how far the fingers reach beyond the tool, as the expert has them (m). */
const OVER_M = 0.02;
const TIP_M = 0.0095;
/** Nothing that is named is higher (m). */
const HIGHEST_M = 0.1;

/** Pixels from which on there is a second object of a paint. */
const SECOND_PX = 8;
/** Times a difference of shapes, this decides between two objects. */
const DECIDED = 1e4;

/** What an eye says and what it will remember. */
export interface Attended {
  readonly features: Value;
  readonly memory: Value;
}

/**
 * Where the wanted object is and how it lies: attention over the points that both cameras measure, weighted by what the
 * network says of every pixel (spatial soft-argmax, after Levine et al., End-to-End Training of Deep Visuomotor Policies,
 * 2016, over measured points in place of pixels). The overview finds it; what it measured is remembered while the arm is in
 * its way; the wrist looks whether it is between the fingers.
 *
 * @param pictures  [1, cameras · 4, h, w]: colour 0..1, depth in m
 * @param told  [1, EYE_TOLD_SIZE]
 * @param memory  [1, EYE_MEMORY], 0 at first
 */
export function attend(
  tape: Tape,
  shape: EyeShape,
  cameras: readonly EyeCamera[],
  theta: Float32Array,
  pictures: Value,
  told: Value,
  memory: Value,
): Attended {
  const [kind, colour, rotation, goal, position, gripper] = pieces(tape, told);
  const axes = axesOf(tape, rotation);
  const tool = tape.reshape(position, [1, 3, 1]);
  const parameters = fromConstants(tape, theta)(eyeParameters(shape));
  const [overview, wrist] = cameras.map((camera, i) => {
    const picture = part(tape, pictures, 1, PICTURE_CHANNELS * i, PICTURE_CHANNELS * (i + 1));
    return viewOf(tape, shape, camera, picture, axes, tool);
  });
  const paint = paintOf(tape, overview, parameters, colour);
  const box = part(tape, kind, 1, 0, 1);
  const seen = find(tape, overview, paint, tape.reshape(box, [1, 1, 1]));
  const before = part(tape, memory, 1, 0, LOOKS);
  const looks = remember(tape, before, seen, { box, tool: position });
  const recalled = recall(tape, looks, { box, rotation });
  const width = part(tape, recalled.size, 1, 0, 1);
  const wrist_paint = paintOf(tape, wrist, parameters, colour);
  const holding = hold(tape, part(tape, memory, 1, LOOKS, EYE_MEMORY), {
    ...{ looked: standing(tape, looks), looked_before: standing(tape, before) },
    ...{ tool: position, grip: tape.sub(gripper, width), between: betweenFingers(tape, wrist, wrist_paint, tool) },
  });
  return { features: tell(tape, recalled, holding, { width, position, goal }), memory: tape.concat([looks, holding]) };
}

/** Pixels of the wanted paint within FINGERS_M of the tool: [1, 1]. */
function betweenFingers(tape: Tape, { points }: View, { wanted }: Paint, tool: Value): Value {
  const apart = tape.sum(square(tape, tape.sub(points, tool)), [1]);
  const inside = clip(tape, pull(tape, tape.sub(tape.constant(FINGERS_M * FINGERS_M), apart), 1e8), 0, 1);
  return tape.reshape(sum(tape, tape.mul(wanted, inside)), [1, 1]);
}

/** The features of the state. An object stands on the table unless it is held; it is taken about its middle. */
function tell(
  tape: Tape,
  { top, turn, others }: Recalled,
  holding: Value,
  { width, position, goal }: { readonly width: Value; readonly position: Value; readonly goal: Value },
): Value {
  const xy = (v: Value) => part(tape, v, 1, 0, 2);
  const z = (v: Value) => part(tape, v, 1, 2, 3);
  const held = part(tape, holding, 1, 0, 1);
  const middle = part(tape, holding, 1, 1, 4);
  const offset = tape.sub(middle, position);
  const gap = tape.relu(tape.sub(z(middle), pull(tape, top, 0.5)));
  const highest = tape.graph.node('Max', [others, top], [1, 1]);
  const over = tape.add(highest, tape.constant(OVER_M));
  return tape.concat([
    ...[offset, held, gap, tape.sub(xy(goal), xy(middle)), offset],
    tape.mul(turn, tape.sub(tape.constant(1), held)),
    width,
    tape.sub(tape.add(over, tape.constant(TIP_M)), z(position)),
    tape.sub(over, gap),
  ]);
}

function pieces(tape: Tape, told: Value): readonly Value[] {
  let at = 0;
  return EYE_TOLD.map(([, size]) => {
    at += size;
    return part(tape, told, 1, at - size, at);
  });
}

/** The tool's axes as columns: [1, 3, 3]. */
function axesOf(tape: Tape, rotation: Value): Value {
  const g = tape.graph;
  const x = part(tape, rotation, 1, 0, 3);
  const y = part(tape, rotation, 1, 3, 6);
  const turned = (v: Value, order: readonly number[]) => g.node('Gather', [v, g.integers(order)], [1, 3], { axis: 1 });
  const z = tape.sub(
    tape.mul(turned(x, [1, 2, 0]), turned(y, [2, 0, 1])),
    tape.mul(turned(x, [2, 0, 1]), turned(y, [1, 2, 0])),
  );
  const columns = [x, y, z].map((v) => tape.reshape(v, [1, 3, 1]));
  return g.node('Concat', columns, [1, 3, 3], { axis: 2 });
}

/** A picture as the network sees it, and what every pixel measures. */
interface View {
  /** [1, VIEW_CHANNELS, h, w] */
  readonly channels: Value;
  /** Frame world (m): [1, 3, pixels]. */
  readonly points: Value;
  /** 1 where the depth camera measured something: [1, 1, pixels]. */
  readonly measured: Value;
  readonly heights: Value;
}

function viewOf(
  tape: Tape,
  { width, height }: EyeShape,
  camera: EyeCamera,
  picture: Value,
  axes: Value,
  tool: Value,
): View {
  const g = tape.graph;
  const pixels = width * height;
  const depth = tape.reshape(part(tape, picture, 1, 3, 4), [1, 1, pixels]);
  const own = tape.add(
    tape.mul(g.tensor(camera.rays, [1, 3, pixels]), depth),
    g.tensor(Float32Array.from(camera.position), [1, 3, 1]),
  );
  const points = camera.frame === 'world' ? own : tape.add(g.node('MatMul', [axes, own], [1, 3, pixels]), tool);
  const measured = g.node('Sign', [depth], depth.shape);
  const heights = tape.mul(part(tape, points, 1, 2, 3), measured);
  const rgb = pull(tape, tape.sub(part(tape, picture, 1, 0, 3), tape.constant(0.5)), COLOUR_GAIN);
  const over_table = tape.reshape(clip(tape, pull(tape, heights, HEIGHT_GAIN), LOWEST, HIGHEST), [1, 1, height, width]);
  return { channels: tape.concat([rgb, over_table]), points, measured, heights };
}

/** How much every pixel is of the wanted paint, and of another: [1, 1, pixels], 0..1, 0 where nothing was measured. */
interface Paint {
  readonly wanted: Value;
  readonly others: Value;
}

function paintOf(tape: Tape, { channels, measured }: View, parameters: readonly Value[], colour: Value): Paint {
  const g = tape.graph;
  const pixels = measured.shape[2];
  const logits = tape.reshape(paintsSeen(tape, channels, parameters), [1, PAINTS, pixels]);
  const paints = g.node('Softmax', [logits], logits.shape, { axis: 1 });
  const one = tape.constant(1);
  const surely = (p: Value) => tape.mul(tape.relu(tape.sub(pull(tape, p, 2), one)), measured);
  const named = tape.reshape(colour, [1, 1, PAINTS - 1]);
  const wanted = g.node('MatMul', [named, part(tape, paints, 1, 1, PAINTS)], [1, 1, pixels]);
  const nothing = part(tape, paints, 1, 0, 1);
  return { wanted: surely(wanted), others: surely(tape.sub(one, nothing)) };
}

/** 1 for points that are an object's own if its middle is there, else 0, in the plane of the table: [1, 1, pixels]. */
function near(tape: Tape, points: Value, middle: Value): Value {
  const apart = tape.sum(square(tape, tape.sub(part(tape, points, 1, 0, 2), part(tape, middle, 1, 0, 2))), [1]);
  const m = tape.sqrt(tape.add(apart, tape.constant(1e-9)));
  const inside = pull(tape, tape.sub(tape.constant(OWN_M + BORDER_M), m), 1 / BORDER_M);
  return clip(tape, inside, 0, 1);
}

/** The top of what is weighted: weights of its points, and its middle [1, 3, 1] (m). */
function topOf(tape: Tape, { points, heights }: View, weight: Value) {
  const g = tape.graph;
  const height = highest(tape, weight, heights);
  const under = pull(tape, tape.sub(height, heights), 1 / TOP_M);
  const top = tape.mul(weight, tape.relu(tape.sub(tape.constant(1), under)));
  const xyz = mean(tape, top, points);
  const xy = part(tape, xyz, 1, 0, 2);
  return { weight: top, middle: g.node('Concat', [xy, height], [1, 3, 1], { axis: 1 }) };
}

function highest(tape: Tape, weight: Value, heights: Value): Value {
  const g = tape.graph;
  const firm = clip(tape, pull(tape, weight, 4), 0, 1);
  const most = g.node('ReduceMax', [tape.mul(firm, heights)], [1, 1, 1], { axes: [2], keepdims: 1 });
  return clip(tape, most, 0, HIGHEST_M);
}

/**
 * The wanted object in the overview. Of two of one paint the box is the one whose top is less round; a task names no two of
 * one kind and paint.
 */
function find(tape: Tape, view: View, { wanted, others }: Paint, box: Value): Measured {
  const one = tape.constant(1);
  const first = measure(tape, view, wanted);
  const rest = tape.mul(wanted, tape.sub(one, near(tape, view.points, first.middle)));
  const second = measure(tape, view, rest);
  const there = clip(tape, tape.sub(second.pixels, tape.constant(SECOND_PX)), 0, 1);
  const sign = tape.sub(pull(tape, box, 2), one);
  const better = pull(tape, tape.mul(tape.sub(angularity(tape, second), angularity(tape, first)), sign), DECIDED);
  const chosen = tape.mul(there, clip(tape, better, 0, 1));
  const choose = (a: Value, b: Value) => tape.add(a, tape.mul(chosen, tape.sub(b, a)));
  const each = (a: readonly Value[], b: readonly Value[]) => a.map((value, k) => choose(value, b[k]));
  const middle = choose(first.middle, second.middle);
  const other = tape.mul(others, tape.sub(one, near(tape, view.points, middle)));
  return {
    pixels: choose(first.pixels, second.pixels),
    middle,
    second: each(first.second, second.second),
    fourth: each(first.fourth, second.fourth),
    others: highest(tape, other, view.heights),
  };
}

/** What is about the point of the greatest weight. */
function measure(tape: Tape, view: View, weight: Value): Omit<Measured, 'others'> {
  const { points } = view;
  const g = tape.graph;
  const flat = (v: Value) => part(tape, v, 1, 0, 2);
  const greatest = g.node('ArgMax', [weight], [1, 1, 1], { axis: 2, keepdims: 1 }, { type: 'int64' });
  const index = g.node('Reshape', [greatest, g.integers([1])], [1]);
  let middle = g.node('Gather', [points, index], [1, 3, 1], { axis: 2 });
  for (let k = 0; k < SHIFTS; k++) middle = mean(tape, tape.mul(weight, near(tape, points, middle)), points);
  const own = tape.mul(weight, near(tape, points, middle));
  const top = topOf(tape, view, own);
  const across = tape.sub(flat(points), flat(top.middle));
  const u = part(tape, across, 1, 0, 1);
  const v = part(tape, across, 1, 1, 2);
  const [uu, vv, uv] = [square(tape, u), square(tape, v), pull(tape, tape.mul(u, v), 2)];
  const [long, round] = [tape.sub(uu, vv), tape.add(uu, vv)];
  const fourth = [tape.sub(square(tape, long), square(tape, uv)), pull(tape, tape.mul(long, uv), 2)];
  const spread = tape.add(sum(tape, tape.mul(top.weight, square(tape, round))), tape.constant(1e-9));
  return {
    pixels: sum(tape, own),
    middle: top.middle,
    second: [long, uv, round].map((moment) => mean(tape, top.weight, moment)),
    fourth: fourth.map((moment) => tape.div(sum(tape, tape.mul(top.weight, moment)), spread)),
  };
}
