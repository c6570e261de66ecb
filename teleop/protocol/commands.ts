import { z } from 'zod';
import { COLOURS, OBJECT_CLASSES } from '../../contracts/index.ts';
import { PICTURE_CAMERAS } from './pictures.ts';

/** Longest text message from a page, bytes. */
export const MOST_COMMAND_BYTES = 4096;

const counter = z.int().min(0).max(0xffff_ffff);
const share = z.number().min(-1).max(1);
const three = z.tuple([share, share, share]).readonly();
/** Of this page's commands, so that a reply finds its question; rising. */
const id = counter;
/** Newest state that the page has drawn: what is commanded was decided on it. */
const tick = counter;
/** Of the control lease that the page believes to hold. */
const epoch = counter;

/** What a person steers in: axes of the robot's base, of the tool, or of the camera on the hand. */
export const JOG_FRAMES = ['base', 'tool', 'camera'] as const;
export type JogFrame = (typeof JOG_FRAMES)[number];

/** Why a held control was let go. */
export const RELEASES = [
  'released',
  'blur',
  'hidden',
  'pointer_lost',
  'gamepad_gone',
  'second_touch',
  'picture_old',
  'lease_lost',
] as const;
export type Release = (typeof RELEASES)[number];

const object = z.object({ class: z.enum(OBJECT_CLASSES), colour: z.enum(COLOURS) }).readonly();
export const GO_TARGETS = ['home', 'retreat'] as const;
export const LEASE_WISHES = ['take', 'request', 'release', 'grant', 'refuse'] as const;
const pixel = z.number().min(0).max(8192);
const edge = z.number().min(1).max(8192);
const held = { epoch, tick, sequence: counter };
const pressed = { id, epoch, tick };

/** First message on every socket. `tab` is random, made by the page and kept while it lives: a duplicated tab has its own. */
export const authMessage = z.strictObject({
  type: z.literal('auth'),
  token: z.string().min(1).max(128),
  tab: z.string().regex(/^[\w-]{8,64}$/),
});
export type AuthMessage = z.infer<typeof authMessage>;

/** What a page sends over /ws/control after `auth`. Speeds are shares of the reduced speed, -1..1: a page cannot ask for more. */
export const command = z.discriminatedUnion('type', [
  /** Held controls, 30 Hz while held: linear and angular along the axes of the frame, or joint by joint. */
  z.strictObject({
    type: z.literal('jog'),
    ...held,
    frame: z.enum(JOG_FRAMES),
    linear: three,
    angular: three,
  }),
  z.strictObject({ type: z.literal('jog_joints'), ...held, velocity: z.array(share).min(1).max(16).readonly() }),
  z.strictObject({ type: z.literal('release'), epoch, sequence: counter, cause: z.enum(RELEASES) }),
  /** The page is there, looked at and up to date; 4 Hz. */
  z.strictObject({ type: z.literal('alive'), tick, epoch }),
  z.strictObject({ type: z.literal('ping'), at_ms: z.number() }),
  z.strictObject({ type: z.literal('lease'), id, want: z.enum(LEASE_WISHES) }),
  z.strictObject({ type: z.literal('preview'), id, tick, object, place: z.string().max(64) }),
  z.strictObject({ type: z.literal('pick'), ...pressed, object, place: z.string().max(64) }),
  /** Lets a learned policy that is offered do its task with an object. */
  z.strictObject({
    type: z.literal('policy'),
    ...pressed,
    model_sha256: z.string().regex(/^[0-9a-f]{64}$/),
    object,
    place: z.string().max(64),
  }),
  z.strictObject({ type: z.literal('batch'), ...pressed, count: z.int().min(1).max(1000), place: z.string().max(64) }),
  z.strictObject({ type: z.literal('go'), ...pressed, to: z.enum(GO_TARGETS) }),
  z.strictObject({
    type: z.literal('gripper'),
    ...pressed,
    width_m: z.number().min(0).max(1),
    force_N: z.number().min(0).max(1000),
  }),
  z.strictObject({ type: z.literal('pause'), ...pressed }),
  z.strictObject({ type: z.literal('continue'), ...pressed }),
  z.strictObject({ type: z.literal('cancel'), ...pressed }),
  z.strictObject({ type: z.literal('speed'), ...pressed, share: z.number().min(0.05).max(1) }),
  /** Back to standstill in reduced mode; never resumes motion. */
  z.strictObject({ type: z.literal('reset'), id }),
  z.strictObject({ type: z.literal('acknowledge'), id, alarm: z.string().max(128) }),
  z.strictObject({
    type: z.literal('answer'),
    id,
    escalation: z.string().max(128),
    answer: z.string().max(128),
    frame_sha256: z.string().max(64),
    model: z.string().max(128),
  }),
  /** Says against an object that was seen, asked or not: bound to the picture it was seen in. */
  z.strictObject({
    type: z.literal('correct'),
    id,
    about: z.discriminatedUnion('kind', [
      /** `stamp_ms` as in the scene, `object` the number of the outline there. */
      z.strictObject({
        kind: z.literal('outline'),
        camera: z.enum(PICTURE_CAMERAS),
        stamp_ms: z.number(),
        object: counter,
      }),
      z.strictObject({
        kind: z.literal('question'),
        escalation: z.string().max(128),
        frame_sha256: z.string().max(64),
        model: z.string().max(128),
      }),
    ]),
    verdict: z.discriminatedUnion('mistake', [
      z.strictObject({ mistake: z.literal('not_object') }),
      z.strictObject({ mistake: z.literal('other_object'), object }),
      /** Left, top, width, height in pixels of the picture. */
      z.strictObject({ mistake: z.literal('other_place'), box: z.tuple([pixel, pixel, edge, edge]).readonly() }),
    ]),
  }),
  z.strictObject({ type: z.literal('mark'), id, note: z.string().max(500) }),
  z.strictObject({ type: z.literal('incident'), id, note: z.string().max(500) }),
]);
export type Command = z.infer<typeof command>;
export type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** Over /ws/stop after `auth`, and as the body of POST /api/stop. Times are the page's clock, ms, for the record only. */
export const stopMessage = z.strictObject({
  type: z.literal('stop'),
  id,
  pressed_ms: z.number(),
  handled_ms: z.number(),
});
export type StopMessage = z.infer<typeof stopMessage>;
