/** rcl_interfaces/ListParametersResult. */
export interface ListedParameters {
  readonly names: readonly string[];
  readonly prefixes: readonly string[];
}

/**
 * Names under any of the prefixes (all names, without one), at most `depth` levels below; 0 is any depth. As rclcpp and
 * rclpy have it (NodeParameters::list_parameters).
 */
export function listParameters(names: readonly string[], wanted: readonly string[], depth: number): ListedParameters {
  const shallow = (name: string): boolean => depth === 0 || name.split('.').length <= depth;
  const under = (name: string, prefix: string): boolean =>
    name === prefix || (name.startsWith(`${prefix}.`) && shallow(name.slice(prefix.length + 1)));
  const listed = names.filter((name) =>
    wanted.length === 0 ? shallow(name) : wanted.some((prefix) => under(name, prefix)),
  );
  const prefixes = listed.flatMap((name) => (name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : []));
  return { names: listed, prefixes: [...new Set(prefixes)] };
}
