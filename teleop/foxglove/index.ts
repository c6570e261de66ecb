export { type FoxgloveOptions, FoxgloveServer } from './foxglove_server.ts';
