import { z } from 'zod';
import { InputError, type Pose } from '../../contracts/index.ts';
import { composePoses, invertPose, matrixFromRpy, quaternionFromMatrix, transformPoint } from '../../dynamics/index.ts';
import { type Robot, type ToolChange, withTool } from '../../robots/index.ts';

const MOST_M = 5;
const MOST_KG = 500;

const triple = (most: number) => {
  const number = z.number().min(-most).max(most);
  return z.tuple([number, number, number]).readonly();
};

/** Parameters of every kind that has to know the tool on the arm, taken up at configure; by default it is the URDF's. */
export const toolParameters = {
  tool: z.string().max(100).default('').describe('Name of the tool on the arm; empty for what the URDF describes'),
  tool_frame: z
    .string()
    .default('')
    .describe("Link that the tool's tip and centre of mass are measured from; empty for the tool frame of the URDF"),
  tool_xyz_m: triple(MOST_M).default([0, 0, 0]).describe("The tool's tip in tool_frame (m)"),
  tool_rpy_rad: triple(2 * Math.PI)
    .default([0, 0, 0])
    .describe('How the frame of the tip is turned in tool_frame: roll, pitch and yaw as in a URDF (rad)'),
  tool_mass_kg: z
    .number()
    .min(0)
    .max(MOST_KG)
    .default(0)
    .describe('Mass that the tool adds to what the URDF describes (kg)'),
  tool_com_m: triple(MOST_M).default([0, 0, 0]).describe("The tool's centre of mass in tool_frame (m)"),
} as const;

const toolSchema = z.strictObject(toolParameters);
export type ToolParameters = z.infer<typeof toolSchema>;
const NO_TOOL = toolSchema.parse({});

/** Those of a node's parameters that are about the tool, and the others. */
export function splitTool<P extends ToolParameters>(
  all: P,
): { tool: ToolParameters; rest: Omit<P, keyof ToolParameters> } {
  const { tool, tool_frame, tool_xyz_m, tool_rpy_rad, tool_mass_kg, tool_com_m, ...rest } = all;
  return { tool: { tool, tool_frame, tool_xyz_m, tool_rpy_rad, tool_mass_kg, tool_com_m }, rest };
}

/**
 * What the parameters say hangs on a robot's own tool frame; null where they name no tool. Throws InputError for a tool
 * without a name, a centre of mass without a mass, and a frame that does not move with the tool frame.
 */
export function toolOf(parameters: ToolParameters, robot: Robot): ToolChange | null {
  const { tool, tool_xyz_m, tool_rpy_rad, tool_mass_kg, tool_com_m } = parameters;
  if (tool === '') {
    const said = Object.entries(parameters).find(([key, value]) => differs(value, Object.entries(NO_TOOL), key));
    if (said === undefined) return null;
    throw new InputError(`${said[0]} ${said[1]} without a tool`, 'give the tool a name in the parameter tool');
  }
  if (tool_mass_kg === 0 && tool_com_m.some((x) => x !== 0))
    throw new InputError(`tool_com_m ${tool_com_m.join(' ')} of tool ${tool}`, 'needs tool_mass_kg');
  const T_tool_frame = poseOfFrame(parameters, robot);
  const T_frame_tcp: Pose = {
    position: tool_xyz_m,
    orientation: quaternionFromMatrix(matrixFromRpy(tool_rpy_rad)),
  };
  const com_m = transformPoint(T_tool_frame, tool_com_m);
  return {
    T_tool_tcp: composePoses(T_tool_frame, T_frame_tcp),
    payload: tool_mass_kg === 0 ? null : { mass_kg: tool_mass_kg, com_m },
  };
}

/** The robot with the tool that the parameters name. */
export function robotWithTool(robot: Robot, parameters: ToolParameters): Robot {
  const change = toolOf(parameters, robot);
  return change === null ? robot : withTool(robot, change);
}

/** What /diagnostics tell of the tool that a node was configured with, so that two that differ are seen. */
export function toolTold({
  tool,
  tool_mass_kg,
  tool_xyz_m,
}: ToolParameters): Readonly<Record<string, string | number>> {
  return tool === '' ? {} : { tool, tool_mass_kg, tool_xyz_m: tool_xyz_m.join(' ') };
}

function differs(value: unknown, defaults: readonly (readonly [string, unknown])[], key: string): boolean {
  return JSON.stringify(value) !== JSON.stringify(defaults.find(([name]) => name === key)?.[1]);
}

/** Of tool_frame in the tool frame that the robot came with. */
function poseOfFrame({ tool_frame }: ToolParameters, { model, tcp_frame, name }: Robot): Pose {
  const own = model.frames.find((frame) => frame.name === tcp_frame);
  const given = tool_frame === '' ? own : model.frames.find((frame) => frame.name === tool_frame);
  if (own === undefined || given === undefined || given.body !== own.body) {
    const near = model.frames.flatMap((frame) => (frame.body === own?.body ? [frame.name] : []));
    throw new InputError(`tool_frame ${tool_frame} of ${name}`, `a link that moves with its hand: ${near.join(', ')}`);
  }
  const pose = ({ R, p: [x, y, z] }: typeof own): Pose => ({
    position: [x, y, z],
    orientation: quaternionFromMatrix(R),
  });
  return given === own
    ? { position: [0, 0, 0], orientation: [0, 0, 0, 1] }
    : composePoses(invertPose(pose(own)), pose(given));
}

/** The tool of a cell, as a graph file says it once for all nodes. */
export const toolEntrySchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    frame: toolParameters.tool_frame,
    xyz_m: toolParameters.tool_xyz_m,
    rpy_rad: toolParameters.tool_rpy_rad,
    mass_kg: toolParameters.tool_mass_kg,
    com_m: toolParameters.tool_com_m,
  })
  .refine(({ mass_kg, com_m }) => mass_kg > 0 || com_m.every((x) => x === 0), {
    path: ['com_m'],
    message: 'needs mass_kg',
  });
export type ToolEntry = Readonly<z.infer<typeof toolEntrySchema>>;

export function parametersOfEntry({ name, frame, xyz_m, rpy_rad, mass_kg, com_m }: ToolEntry): ToolParameters {
  return {
    ...{ tool: name, tool_frame: frame, tool_xyz_m: xyz_m, tool_rpy_rad: rpy_rad },
    ...{ tool_mass_kg: mass_kg, tool_com_m: com_m },
  };
}

/** Whether a kind's parameters have the tool among them. */
export function takesTool({ shape }: z.ZodObject): boolean {
  return Object.keys(toolParameters).every((key) => key in shape);
}
