import { join } from 'node:path';
import { z } from 'zod';
import { type Node, ownModelsFolder, updated } from '../../contracts/index.ts';
import type { Detector } from '../../perception/index.ts';
import { ModelKeyTrust } from '../../safety/index.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { MetricsFile } from './metrics_file.ts';
import { ModelWatch } from './model_watch.ts';
import { recorder } from './recorder.ts';

const stopwatch = () => performance.now() / 1000;

export const perception = nodeKind({
  name: 'perception',
  description: 'Detections from camera pictures',
  parameters: z.strictObject({
    model: updated(
      'live',
      z
        .string()
        .min(1)
        .default('vision')
        .describe('Vision model: NAME or NAME@VERSION, shipped or your own, an .onnx file, or classical'),
    ),
    full_model: z
      .string()
      .default('')
      .describe('Model that is asked where the first one doubts, for which that needs a calibration; empty for none'),
    shadow_model: updated(
      'live',
      z.string().default('').describe('Model that sees the frames too, only to be compared; empty for none'),
    ),
    providers: z
      .array(z.enum(['tensorrt', 'cuda', 'webgpu', 'cpu', 'classical']))
      .min(1)
      .default(['cpu', 'classical'])
      .describe(
        'Where the network runs, in the order wanted; classical: colour and depth alone, when no network answers',
      ),
    deadline_s: z
      .number()
      .positive()
      .max(60)
      .default(0.5)
      .describe('A frame older than this when its turn comes is dropped and counted (s)'),
    picture_age_s: z
      .number()
      .positive()
      .max(60)
      .default(0.35)
      .describe('Nothing is taken on the word of a picture older than this (s)'),
    processing_latency_s: z
      .number()
      .min(0)
      .max(1)
      .default(0.02)
      .describe('Modelled time from a frame to its detections (s); 0 where it is really spent'),
    calibration: z
      .string()
      .default('')
      .describe('Cameras as surepick calibrate cameras measured them, a JSON file; empty: as their drivers say'),
    watch_cameras: z
      .boolean()
      .default(false)
      .describe('Notice a camera that has moved also where no calibration is given; with one it always is'),
    only_when_subscribed: z.boolean().default(true).describe('Leave frames alone while nobody reads the detections'),
    answer_within_s: z
      .number()
      .min(0.1)
      .max(3600)
      .default(60)
      .describe('A question to a person about what a task is in doubt of expires after this (s)'),
    slo: z.string().default('').describe('Service level objectives, a YAML file; empty for the shipped ones'),
    metrics_file: z
      .string()
      .default('')
      .describe('Where metrics are written every 5 s for a textfile collector of Prometheus; empty for nowhere'),
  }),
  busy_s: 2,
  realtime: false,
  pictures: true,
  alone: false,
  in_cell: false,
  channels: [],
  async build(given): Promise<Node> {
    const { name, namespace, robot, parameters, parametersOf, cell, channels, out_dir, inference = {} } = given;
    const {
      CameraDriftNode,
      calibratedUncertainties,
      EscalationNode,
      loadObjectives,
      OwnModels,
      openDetector,
      openRoutedDetector,
      openCameraFrames,
      PerceptionNode,
      PerceptionRequestsNode,
      SwappingDetector,
    } = await import('../../perception/index.ts');
    const {
      QUESTIONS_FOLDER,
      ExampleWriter,
      QuestionFolder,
      cameraCorrection,
      checkMaskRules,
      createPictureMask,
      handCamera,
      readCalibration,
      readCellCalibration,
      seenArm,
    } = await import('../../stack/index.ts');
    const folder = join(out_dir, `${QUESTIONS_FOLDER}${namespace.replaceAll('/', '_')}`);
    const examples = join(out_dir, `examples${namespace.replaceAll('/', '_')}`);
    const own = new OwnModels(ownModelsFolder(process.env), new ModelKeyTrust(process.env));
    const simulated = cell.nodes.some(({ kind }) => kind === 'sim');
    // Before a real robot, somebody must vouch for the model.
    const unsigned: 'note' | 'refuse' = simulated ? 'note' : 'refuse';
    return new LateNode(name, async ({ log }) => {
      const onNote = (note: string) => log.warn({ node: name }, note);
      const {
        model,
        full_model,
        shadow_model: _,
        providers,
        picture_age_s,
        answer_within_s,
        slo,
        metrics_file,
        calibration: calibration_file,
        watch_cameras,
        ...options
      } = parameters();
      const { readSlo, SloNode } = await loadObjectives();
      const objectives = new SloNode(readSlo(slo === '' ? undefined : slo));
      const read = simulated ? readCellCalibration : readCalibration;
      const calibration = calibration_file === '' ? null : read(calibration_file, robot);
      const cameras = calibratedUncertainties(calibration);
      const correct = cameraCorrection(robot, calibration, calibration_file);
      const frames = (await openCameraFrames({ oldest_s: picture_age_s, correct }))();
      const settings = { ...{ stopwatch, providers, cameras, threaded: true, own, unsigned, onNote }, ...inference };
      const hashes = new Map<string, string>();
      const known = <D extends Detector>(detector: D): D => {
        hashes.set(detector.model, detector.model_sha256 ?? '');
        return detector;
      };
      const openAlone = async (wanted: string): Promise<Detector> => known(await openDetector(wanted, settings));
      const open = async (wanted: string): Promise<Detector> => {
        if (full_model === '') return openAlone(wanted);
        const { deadline_s } = options;
        const routed = known(await openRoutedDetector(wanted, full_model, { ...settings, deadline_s }));
        known(routed.full);
        return routed;
      };
      const started_s = stopwatch();
      const detector = new SwappingDetector(await open(model));
      objectives.addColdStart(stopwatch() - started_s);
      const { processing_latency_s } = options;
      // What a recording of these pictures must not have, examples of them must not have either.
      const { masks } = parametersOf(recorder);
      const rules = masks === '' ? null : (await import('../../datasets/index.ts')).readMaskRules(masks);
      if (rules !== null) await checkMaskRules(rules);
      const mask = rules === null ? null : createPictureMask(rules);
      return {
        nodes: [
          new PerceptionNode({ detector, frames: frames.overview, ...options }),
          new PerceptionRequestsNode({ processing_latency_s, detector, frames, cameras }),
          new EscalationNode({
            answer_within_s,
            hashOf: (asked) => hashes.get(asked) ?? '',
          }),
          new ExampleWriter(examples, `${name}-${Date.now()}`, mask, (asked) => hashes.get(asked) ?? ''),
          // Where there is no ROS, people are asked through a folder.
          ...(channels === null ? [new QuestionFolder(folder)] : []),
          new ModelWatch(detector, model, parameters, open, openAlone),
          ...(calibration !== null || watch_cameras
            ? [new CameraDriftNode({ frames, arm: seenArm(robot), T_hand_camera: handCamera(robot, calibration) })]
            : []),
          objectives,
          ...(metrics_file === '' ? [] : [new MetricsFile(metrics_file, () => objectives.metrics.text())]),
        ],
        close: () => detector.close(),
      };
    });
  },
});
