import type { ActionMapping, RosFields, RosMappings, ServiceMapping, TopicMapping } from '../../ros/index.ts';

type Numbers = Readonly<Record<string, number>>;

const numberAt = (fields: RosFields, name: string): number => Number(fields[name]);

/**
 * ROS forms of what the bus contract carries: topics as std_msgs/Int32, its service as surepick_msgs/SetSpeed, its action as
 * control_msgs/GripperCommand.
 */
export const CONTRACT_MAPPINGS: RosMappings = {
  topic: <T>() =>
    ({
      ros_type: 'std_msgs/msg/Int32',
      toRos: ({ n }: Numbers) => ({ data: n }),
      fromRos: (fields: RosFields) => [{ n: numberAt(fields, 'data') }],
    }) as unknown as TopicMapping<T>,
  service: <Req, Res>() =>
    ({
      ros_type: 'surepick_msgs/srv/SetSpeed',
      request: { toRos: ({ n }: Numbers) => ({ speed: n }), fromRos: (f: RosFields) => ({ n: numberAt(f, 'speed') }) },
      response: {
        toRos: ({ n }: Numbers) => ({ success: true, message: String(n) }),
        fromRos: (f: RosFields) => ({ n: numberAt(f, 'message') }),
      },
      refusal: (reason: string) => ({ success: false, message: reason }),
    }) as unknown as ServiceMapping<Req, Res>,
  action: <G, F, R>() =>
    ({
      ros_type: 'control_msgs/action/GripperCommand',
      goal: {
        toRos: ({ to }: Numbers) => ({ command: { position: to } }),
        fromRos: (f: RosFields) => ({ to: numberAt(f.command as RosFields, 'position') }),
      },
      feedback: {
        toRos: ({ at }: Numbers) => ({ position: at }),
        fromRos: (f: RosFields) => ({ at: numberAt(f, 'position') }),
      },
      result: {
        toRos: ({ total }: Numbers) => ({ position: total }),
        fromRos: (f: RosFields) => ({ total: numberAt(f, 'position') }),
      },
    }) as unknown as ActionMapping<G, F, R>,
};
