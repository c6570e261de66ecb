import { InputError, type Vector3 } from '../contracts/index.ts';
import { invertPose, matrixFromQuaternion, transformPoint } from '../dynamics/index.ts';
import type { Robot } from './robot.ts';
import { CHANGED_TOOL_FRAME, type ToolChange } from './with_tool.ts';

const END = /<\/robot\s*>(?![\s\S]*<\/robot\s*>)/;

/**
 * The text of a robot's URDF with a changed tool: a link `tool_tcp` at the tip, fixed to the tool frame that the robot came
 * with, with the tool's mass. Throws InputError for a text that does not end a robot.
 */
export function urdfWithTool(urdf: string, { tcp_frame, name }: Robot, { T_tool_tcp, payload }: ToolChange): string {
  if (!END.test(urdf)) throw new InputError(`URDF of ${name}`, 'must end with </robot>');
  const joint = [
    `  <joint name="${CHANGED_TOOL_FRAME}_joint" type="fixed">`,
    `    <parent link="${escaped(tcp_frame)}"/>`,
    `    <child link="${CHANGED_TOOL_FRAME}"/>`,
    `    <origin xyz="${T_tool_tcp.position.join(' ')}" rpy="${rpyOf(T_tool_tcp.orientation).join(' ')}"/>`,
    '  </joint>',
  ];
  const link = [`  <link name="${CHANGED_TOOL_FRAME}">`, ...inertial(T_tool_tcp, payload), '  </link>'];
  return urdf.replace(END, () => `${[...link, ...joint].join('\n')}\n</robot>`);
}

function inertial(T_tool_tcp: ToolChange['T_tool_tcp'], payload: ToolChange['payload']): string[] {
  if (payload === null) return [];
  const { mass_kg, com_m = [0, 0, 0], inertia = [0, 0, 0, 0, 0, 0] } = payload;
  const [xx, yy, zz, xy, xz, yz] = inertia;
  const T_tcp_tool = invertPose(T_tool_tcp);
  const com = transformPoint(T_tcp_tool, com_m);
  return [
    '    <inertial>',
    // Its moments are about the axes of the old tool frame.
    `      <origin xyz="${com.join(' ')}" rpy="${rpyOf(T_tcp_tool.orientation).join(' ')}"/>`,
    `      <mass value="${mass_kg}"/>`,
    `      <inertia ixx="${xx}" iyy="${yy}" izz="${zz}" ixy="${xy}" ixz="${xz}" iyz="${yz}"/>`,
    '    </inertial>',
  ];
}

/** Roll, pitch and yaw (rad) of R = Rz(yaw) Ry(pitch) Rx(roll); roll is 0 where the tool looks straight up or down. */
function rpyOf(orientation: ToolChange['T_tool_tcp']['orientation']): Vector3 {
  const R = matrixFromQuaternion(orientation);
  const across = Math.hypot(R[0], R[3]);
  const pitch = Math.atan2(-R[6], across);
  if (across < 1e-9) return [0, pitch, Math.atan2(-R[1], R[4])];
  return [Math.atan2(R[7], R[8]), pitch, Math.atan2(R[3], R[0])];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
