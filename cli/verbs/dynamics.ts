import type { Command } from 'commander';
import { z } from 'zod';
import { dynamicsCases, evaluateDynamics, loadRobot } from '../../robots/index.ts';
import { emitJson, say } from '../common.ts';
import { readJsonFile, writeJsonFile } from '../json_files.ts';

const flagsOf = z.object({
  robot: z.string(),
  gripper: z.boolean(),
  frame: z.string().optional(),
  package: z.string().optional(),
  in: z.string(),
  out: z.string(),
  json: z.boolean().optional(),
});

export function addDynamics(program: Command): void {
  program
    .command('dynamics')
    .description('Forward and inverse dynamics, mass matrix, link poses and Jacobian of a robot at given states.')
    .option('--robot <name|file>', 'panda, or a URDF file', 'panda')
    .option('--no-gripper', 'without the joints whose names say finger or gripper, and what hangs on them')
    .option('--frame <link>', 'whose Jacobian (default: panda_hand_tcp, tool0, else the tip of the longest chain)')
    .option('--package <dir>', 'where meshes of package://NAME/… are looked for first')
    .requiredOption('--in <file>', '{"cases":[{"q":[],"v":[],"tau":[],"a":[]}]}')
    .requiredOption('--out <file>', '{"joints":[],"cases":[…]}')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText(
      'after',
      '\nExample: surepick dynamics --robot panda --no-gripper --in states.json --out dynamics.json',
    )
    .action((raw: Record<string, unknown>) => {
      const flags = flagsOf.parse(raw);
      const robot = loadRobot(flags.robot, {
        gripper: flags.gripper,
        ...(flags.package === undefined ? {} : { packageDir: flags.package }),
        visualMeshes: false,
      });
      const frame = flags.frame ?? robot.tcp_frame;
      const cases = evaluateDynamics(robot.model, frame, readJsonFile(flags.in, dynamicsCases), flags.in);
      const joints = robot.model.joint_names;
      writeJsonFile(flags.out, { joints, cases });
      say(`${cases.length} cases of ${robot.name} written to ${flags.out}`);
      if (flags.json) emitJson('dynamics', { robot: robot.name, joints, frame, cases: cases.length, out: flags.out });
    });
}
