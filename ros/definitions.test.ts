import { describe, expect, it } from 'vitest';
import { createChannels, parseRosDefinition, rosDefinition } from './index.ts';

/** Fields of a message in order, as they lie on the wire. */
function fields(type: string): string[] {
  const { types } = rosDefinition(type);
  return types[0].definitions
    .filter((field) => !field.isConstant)
    .map(
      ({ type: name, name: field, isArray, arrayLength }) =>
        `${name}${isArray ? `[${arrayLength ?? ''}]` : ''} ${field}`,
    );
}

const all = () => {
  const { overview, wrist, ...others } = createChannels();
  return [...Object.values(overview), ...Object.values(wrist), ...Object.values(others)];
};

describe('message definitions', () => {
  it('carry every type they need, once', () => {
    for (const { codec } of all()) {
      const { name, types } = codec.definition;
      const names = types.map((type) => type.name);
      expect(new Set(names).size, name).toBe(names.length);
      for (const field of types.flatMap((type) => type.definitions).filter((f) => f.isComplex)) {
        expect(names, `${name}: ${field.name}`).toContain(field.type);
      }
    }
  });

  it('read the same from the text that recordings carry', () => {
    for (const { codec } of all()) {
      const { name, text, types } = codec.definition;
      expect(parseRosDefinition(name, text).types, name).toEqual(types);
    }
  });

  // Field for field as published: vision_msgs 4.1.1, sensor_msgs and tf2_msgs of Jazzy. The wire depends on nothing else.
  it.each([
    ['vision_msgs/msg/Detection3DArray', ['std_msgs/Header header', 'vision_msgs/Detection3D[] detections']],
    [
      'vision_msgs/msg/Detection3D',
      [
        'std_msgs/Header header',
        'vision_msgs/ObjectHypothesisWithPose[] results',
        'vision_msgs/BoundingBox3D bbox',
        'string id',
      ],
    ],
    [
      'vision_msgs/msg/ObjectHypothesisWithPose',
      ['vision_msgs/ObjectHypothesis hypothesis', 'geometry_msgs/PoseWithCovariance pose'],
    ],
    ['vision_msgs/msg/ObjectHypothesis', ['string class_id', 'float64 score']],
    ['vision_msgs/msg/BoundingBox3D', ['geometry_msgs/Pose center', 'geometry_msgs/Vector3 size']],
    ['tf2_msgs/msg/TFMessage', ['geometry_msgs/TransformStamped[] transforms']],
    [
      'sensor_msgs/msg/JointState',
      ['std_msgs/Header header', 'string[] name', 'float64[] position', 'float64[] velocity', 'float64[] effort'],
    ],
    ['sensor_msgs/msg/CompressedImage', ['std_msgs/Header header', 'string format', 'uint8[] data']],
  ])('%s has the published fields in the published order', (type, expected) => {
    expect(fields(type)).toEqual(expected);
  });

  it.each([
    ['surepick_msgs/srv/SetMode_Request', ['string mode', 'bool enabled']],
    ['surepick_msgs/srv/SetMode_Response', ['bool success', 'string message']],
    ['simulation_interfaces/srv/GetSimulatorFeatures_Request', []],
    ['control_msgs/action/GripperCommand_Goal', ['control_msgs/GripperCommand command']],
    ['control_msgs/action/FollowJointTrajectory_Result', ['int32 error_code', 'string error_string']],
    [
      'surepick_msgs/action/PickPlace_Feedback',
      ['string stage', 'string reason', 'uint32 attempt', 'surepick_msgs/PlanStage[] plan_stages'],
    ],
  ])('%s is a part of its file', (type, expected) => {
    expect(fields(type)).toEqual(expected);
  });

  it('are refused when unknown, with the name', () => {
    expect(() => rosDefinition('nav3_msgs/msg/Warp')).toThrow(/nav3_msgs\/msg\/Warp/);
    expect(() => rosDefinition('../../package')).toThrow(/package\/msg\/Name/);
    expect(() => rosDefinition('surepick_msgs/srv/SetMode')).toThrow(/Name_Request/);
    expect(() => rosDefinition('surepick_msgs/srv/SetMode_Goal')).toThrow(/SetMode_Goal: must read/);
    expect(() => rosDefinition('surepick_msgs/action/Fly_Goal')).toThrow(/Fly_Goal: is not among/);
  });
});
