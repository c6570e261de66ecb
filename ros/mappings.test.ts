import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  ACTIONS,
  CAMERAS,
  cameraTopics,
  type GoalStatus,
  hardwareTopics,
  SERVICES,
  SIMULATION_SERVICES,
  TOPICS,
  type Topic,
} from '../contracts/index.ts';
import { CAMERA_POSE, rosSamples } from '../test/support/ros_samples.ts';
import { RosCodec } from './codec.ts';
import { parseRosDefinition } from './definitions.ts';
import type { RosFields, RosForm, RosLookups } from './mapping.ts';
import { actionMapping, serviceMapping, topicMapping } from './mappings.ts';

const ROUNDS = 25;
const known: RosLookups = { transform: () => CAMERA_POSE };
const nowhere: RosLookups = { transform: () => null };
/** Of std_srvs, whose services every ROS has. */
const TRIGGER = {
  Request: new RosCodec(parseRosDefinition('std_srvs/srv/Trigger_Request', '')),
  Response: new RosCodec(parseRosDefinition('std_srvs/srv/Trigger_Response', 'bool success\nstring message')),
};

/** Fields after a way over the wire. */
function sent(codec: RosCodec, fields: object): RosFields {
  return codec.decode(codec.encode(fields));
}

/** Draws messages, sends them as ROS and expects each back as it was. */
function expectBack<T>(schema: z.ZodType<T>, name: string, back: (message: T) => unknown): void {
  const samples = rosSamples(8);
  for (let round = 0; round < ROUNDS; round++) {
    const message = samples.draw(schema);
    expect(back(message), `${name}, round ${round}`).toEqual(withoutEmptyStages(message));
  }
}

/** ROS cannot tell stages that are left out from none at all. */
function withoutEmptyStages(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || !('plan_stages' in message)) return message;
  const { plan_stages, ...rest } = message;
  return Array.isArray(plan_stages) && plan_stages.length === 0 ? rest : message;
}

function expectFormBack<T>(schema: z.ZodType<T>, codec: RosCodec, form: RosForm<T>): void {
  expectBack(schema, codec.definition.name, (message) => form.fromRos(sent(codec, form.toRos(message))));
}

const infos = [CAMERAS.overview.info, CAMERAS.wrist.info, cameraTopics('/shelf_camera').info];
const topics: Topic<unknown>[] = [
  ...Object.values(TOPICS),
  ...Object.values(CAMERAS).flatMap(({ colour, depth }) => [colour, depth]),
  ...Object.values(hardwareTopics('/joint_trajectory_controller')),
];

describe('topics as ROS messages', () => {
  it.each(topics)('$name comes back as it went', (topic) => {
    const { ros_type, toRos, fromRos, companion } = topicMapping(topic);
    expect(ros_type).toBe(topic.ros_type);
    const codec = new RosCodec(ros_type);
    const beside = companion === undefined ? undefined : new RosCodec(companion.ros_type);
    expectBack(topic.schema, topic.name, (message) => {
      const second =
        companion === undefined || beside === undefined ? undefined : sent(beside, companion.toRos(message));
      const back = fromRos(sent(codec, toRos(message)), known, second);
      expect(back.length).toBe(1);
      return back[0];
    });
  });

  it.each(infos)('$name comes back with the name of its camera and where TF has it', (topic) => {
    const { ros_type, toRos, fromRos } = topicMapping(topic);
    const name = { '/camera/color/camera_info': 'overview', '/wrist_camera/color/camera_info': 'wrist' }[topic.name];
    const asked: unknown[] = [];
    const lookups: RosLookups = {
      transform: (...question) => {
        asked.push(question);
        return CAMERA_POSE;
      },
    };
    const message = rosSamples(3).draw(topic.schema);
    const fields = sent(new RosCodec(ros_type), toRos(message));
    expect(fromRos(fields, lookups)).toEqual([{ ...message, name: name ?? 'shelf_camera' }]);
    expect(asked).toEqual([['world', 'camera_optical', message.stamp_ns]]);
    expect(() => fromRos(fields, nowhere)).toThrow(/frame_id = "camera_optical": has no transform from world at/);
  });

  it('have no form for what contracts do not know', () => {
    const topic = { ...TOPICS.wrench, schema: TOPICS.joint_states.schema };
    expect(() => topicMapping(topic)).toThrow(/topic \/ft_sensor\/wrench of geometry_msgs\/msg\/WrenchStamped/);
  });
});

describe('services as ROS messages', () => {
  const all = [...Object.values(SERVICES), ...Object.values(SIMULATION_SERVICES)];
  it.each(all)('$name comes back as it went', ({ name, ros_type, request, response }) => {
    const codec = (side: 'Request' | 'Response') =>
      ros_type === 'std_srvs/srv/Trigger' ? TRIGGER[side] : new RosCodec(`${ros_type}_${side}`);
    const mapping = serviceMapping<unknown, unknown>({ name, ros_type, request, response });
    expectFormBack<unknown>(request, codec('Request'), mapping.request);
    expectFormBack<unknown>(response, codec('Response'), mapping.response);
    const refusal = mapping.refusal('the speed is out of range');
    expect(response.safeParse(refusal).success).toBe(true);
    expect(inspect(refusal)).toContain('the speed is out of range');
  });

  it('are refused by type', () => {
    const { request, response } = SERVICES.safety_stop;
    expect(() => serviceMapping({ name: '/x', ros_type: 'std_srvs/srv/Empty', request, response })).toThrow(
      /srv\/Empty/,
    );
  });
});

describe('actions as ROS messages', () => {
  it.each(Object.values(ACTIONS))('$name comes back as it went', ({ name, ros_type, goal, feedback, result }) => {
    const mapping = actionMapping<unknown, unknown, unknown>({ name, ros_type, goal, feedback, result });
    const codec = (side: string) => new RosCodec(`${ros_type}_${side}`);
    expectFormBack<unknown>(goal, codec('Goal'), mapping.goal);
    expectBack<unknown>(feedback, `${name} feedback`, (message) =>
      mapping.feedback.fromRos(sent(codec('Feedback'), mapping.feedback.toRos(message, 5n))),
    );
    expectBack<unknown>(result, `${name} result`, (message) => {
      const failed = typeof message === 'object' && message !== null && 'ok' in message && message.ok === false;
      const status: GoalStatus = failed ? 'aborted' : 'succeeded';
      return mapping.result.fromRos(sent(codec('Result'), mapping.result.toRos(message, status)), status);
    });
  });

  it('are refused by type', () => {
    const { goal, feedback, result } = ACTIONS.pick_place;
    const unknown = { name: '/x', ros_type: 'example_interfaces/action/Fibonacci', goal, feedback, result };
    expect(() => actionMapping(unknown)).toThrow(/Fibonacci/);
  });
});
