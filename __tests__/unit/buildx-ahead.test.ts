import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseInputs } from '../../src/inputs.ts';
import { Secret } from '../../src/model/secret.ts';
import { planAhead } from '../../src/plan/ahead.ts';
import { planLocalName } from '../../src/plan/build-plan.ts';
import type { Role } from '../../src/plan/rights.ts';
import { keepAhead } from '../../src/tools/buildx/ahead.ts';
import { type StartedPlugin, startPlugin } from '../../src/tools/buildx/start.ts';
import { push, runOf } from '../support/oracle-runs.ts';

const never = new AbortController().signal;
const start = { args: ['--file=-', 'image'], attested: false };
let folder: string;
let said: string[];
const listener = { stdout: (line: string) => void said.push(line), stderr: (line: string) => void said.push(line) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-ahead-'));
  said = [];
  mkdirSync(join(folder, 'run'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A docker-buildx that says its number, waits for its definition, and says that. */
function begin(logins: Parameters<typeof startPlugin>[0]['logins'] = []): StartedPlugin {
  const path = join(folder, 'docker-buildx');
  const script = `#!/bin/sh\necho $$ > ${folder}/pid.new; mv ${folder}/pid.new ${folder}/pid; echo "$@" >&2\ncat > ${folder}/stdin; cat ${folder}/stdin\n`;
  writeFileSync(path, script, { mode: 0o755 });
  const how = { folder: join(folder, 'run'), secretEnv: {}, limit: 60_000, cancel: never };
  return startPlugin({ path, env: { PATH: process.env['PATH'] ?? '' }, logins }, start, how);
}

async function pidOf(): Promise<number> {
  while (!existsSync(join(folder, 'pid'))) await delay(10);
  return Number(readFileSync(join(folder, 'pid'), 'utf8'));
}

/** Resolves once a process has ended; a zombie has. */
async function ended(pid: number): Promise<void> {
  const isAlive = (): boolean => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  while (isAlive()) await delay(10);
}

describe('a plugin that waits', () => {
  test('is taken by who wants just this one, once, and hears its definition then', async () => {
    const ahead = keepAhead(start, begin());
    await pidOf();
    const plugin = ahead.take({ ...start });
    expect(ahead.take(start)).toBeUndefined();
    ahead.dismiss(); // it is somebody's by now
    expect(await plugin?.solve('{"target":{}}', listener, never)).toMatchObject({ code: 0, signal: null });
    expect(said).toEqual([expect.stringMatching(/^bake --metadata-file=\S+ --file=- image$/), '{"target":{}}']);
  });

  test.each<[string, (ahead: ReturnType<typeof keepAhead>) => unknown]>([
    ['where another one is wanted', (ahead) => ahead.take({ ...start, args: [...start.args, 'test'] })],
    ['where it is to ask git', (ahead) => ahead.take({ ...start, attested: true })],
    ['where nothing is built', (ahead) => ahead.dismiss()],
  ])('is ended without a definition, and gives its login back, %s', async (_, end) => {
    const login = { registry: '127.0.0.1:1', username: 'me', password: new Secret('pass') };
    const ahead = keepAhead(start, begin([login]));
    const pid = await pidOf();
    const file = join(folder, 'run', 'docker', 'config.json');
    expect(existsSync(file)).toBe(true);
    expect(end(ahead)).toBeUndefined();
    expect(existsSync(file)).toBe(false);
    await ended(pid);
    expect(said).toEqual([]);
    expect(readdirSync(join(folder, 'run')).filter((name) => name.startsWith('metadata'))).toEqual([]);
  });

  test('ends with the run that waits for it', async () => {
    const cancel = new AbortController();
    const plugin = begin();
    const pid = await pidOf();
    cancel.abort();
    await expect(plugin.solve('{}', listener, cancel.signal)).rejects.toMatchObject({ code: 'cancelled' });
    await ended(pid);
  });
});

describe('the plugin is started while the survey goes on', () => {
  const given = (more: Record<string, string>) =>
    parseInputs(new Map(Object.entries({ IMAGE: 'ghcr.io/acme/app', ...more })));
  const row = (more: { role?: Role; attempt?: string; inputs?: Record<string, string>; secret?: boolean }) => {
    const { role = 'branch', attempt = '1', inputs = {}, secret = false } = more;
    const secrets = secret ? [{ kind: 'variable', id: 'token', variable: 'TOKEN' } as const] : [];
    const facts = {
      git: { ...runOf(push('refs/heads/topic')), runAttempt: attempt },
      context: { path: '/work', file: '/work/Dockerfile', dockerfile: 'FROM x\n', named: [] },
      grants: { secrets, values: new Map(), ssh: [], network: undefined, allow: [], notices: [] },
      ...{ name: planLocalName('0'), folder: '/run' },
    };
    return planAhead(given(inputs), facts, role) !== undefined;
  };
  test.each([
    ['a branch', row({}), true],
    ['main', row({ role: 'main' }), true],
    ['a version, whose commit main has most often built', row({ role: 'release' }), false],
    ['a version that is to be built anew', row({ role: 'release', inputs: { REUSE: 'off' } }), true],
    ['a run that is repeated', row({ attempt: '2' }), false],
    ['a build with secrets', row({ secret: true }), false],
  ])('%s: %s', (_, is, expected) => expect(is).toBe(expected));
});
