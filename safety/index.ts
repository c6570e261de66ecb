export { assertSafe, SafeCommand } from './safe_command.ts';
