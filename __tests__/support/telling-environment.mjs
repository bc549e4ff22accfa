import { TestEnvironment } from 'jest-environment-node';

const most = 40;

/** Has a test that fails tell what the action said last: its log is gone with its runner's folder. */
export default class TellingEnvironment extends TestEnvironment {
  /** @param {{ name: string, error?: unknown }} event */
  handleTestEvent({ name, error }) {
    const said = this.global.slipwayLastRun;
    if (name === 'test_start') this.global.slipwayLastRun = undefined;
    if (name !== 'test_fn_failure' || said === undefined || typeof error?.stack !== 'string') return;
    const lines = said.trimEnd().split('\n').slice(-most);
    const told = `${error.message}\n\nThe action's last run in this test said:\n${lines.map((line) => `  | ${line}`).join('\n')}\n`;
    error.stack = error.stack.replace(error.message, () => told);
  }
}
