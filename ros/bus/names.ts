/** Topics that every node of a domain shares, whatever its namespace. */
const GLOBAL = new Set(['/clock', '/diagnostics', '/rosout', '/parameter_events']);

/**
 * A contract's name as a node gives it to ROS 2: relative to the node's namespace, so that one robot's `/joint_states` is
 * `/robot1/joint_states` in namespace `/robot1`. What belongs to the whole domain stays absolute; private names (`~/x`) stay.
 */
export function rosName(name: string): string {
  return GLOBAL.has(name) || !name.startsWith('/') ? name : name.slice(1);
}
