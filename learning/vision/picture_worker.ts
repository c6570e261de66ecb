import { workerData } from 'node:worker_threads';
import { drawWorlds } from './picture_source.ts';

drawWorlds(workerData);
