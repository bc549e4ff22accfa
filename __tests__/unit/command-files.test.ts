import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  keepCommandFiles,
  restoreCommandFiles,
  takeRestored,
  writeCommandFiles,
} from '../../src/tools/command-files.ts';

let folder: string;
let output: string;
let other: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'slipway-files-')), 'commands');
  mkdirSync(folder);
  output = join(folder, 'set_output_1');
  other = join(folder, 'set_env_of_another_step');
  writeFileSync(output, 'a=1\n', { mode: 0o644 });
  writeFileSync(other, 'B=2\n');
  keepCommandFiles({ GITHUB_OUTPUT: output, GITHUB_STATE: '' });
});

afterEach(() => {
  keepCommandFiles({});
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

describe('the runner’s files of a step', () => {
  test.each<[string, () => void]>([
    ['appended to', () => appendFileSync(output, 'digest=forged\n')],
    ['written anew with as many bytes', () => writeFileSync(output, 'b=2\n')],
    ['emptied', () => writeFileSync(output, '')],
    ['deleted', () => unlinkSync(output)],
    ['deleted with their folder', () => rmSync(folder, { recursive: true })],
    ['without their rights', () => chmodSync(output, 0o000)],
    ['open to all', () => chmodSync(output, 0o666)],
    [
      'replaced by the same text',
      () => {
        unlinkSync(output);
        writeFileSync(join(folder, 'x'), '');
        writeFileSync(output, 'a=1\n');
      },
    ],
    [
      'replaced by a link',
      () => {
        unlinkSync(output);
        symlinkSync(join(folder, '..', 'elsewhere'), output);
      },
    ],
    [
      'replaced by a pipe',
      () => {
        unlinkSync(output);
        expect(spawnSync('mkfifo', [output]).status).toBe(0);
      },
    ],
    [
      'replaced by a folder',
      () => {
        unlinkSync(output);
        mkdirSync(join(output, 'x'), { recursive: true });
      },
    ],
  ])('%s are put back, and that is told once', (_, change) => {
    change();
    restoreCommandFiles();
    expect(readFileSync(output, 'utf8')).toBe('a=1\n');
    expect(statSync(output).mode & 0o777).toBe(0o644);
    expect(readFileSync(other, 'utf8')).toBe('B=2\n');
    expect(takeRestored()).toContain('GITHUB_OUTPUT');
    expect(takeRestored()).toEqual([]);
    restoreCommandFiles();
    expect(takeRestored()).toEqual([]);
    expect(existsSync(join(folder, '..', 'elsewhere'))).toBe(false);
  });

  test('have the rights that they had, whatever this process would give a new file', () => {
    chmodSync(output, 0o666);
    keepCommandFiles({ GITHUB_OUTPUT: output });
    unlinkSync(output);
    restoreCommandFiles();
    expect(statSync(output).mode & 0o777).toBe(0o666);
    expect(takeRestored()).toEqual(['GITHUB_OUTPUT']);
  });

  test('of another step are put back as well', () => {
    appendFileSync(other, 'PATH=/forged\n');
    restoreCommandFiles();
    expect(readFileSync(other, 'utf8')).toBe('B=2\n');
    expect(takeRestored()).toEqual(['set_env_of_another_step']);
  });

  test('take what this process writes, and nothing that came before it', () => {
    appendFileSync(output, 'digest=forged\n');
    writeCommandFiles(() => appendFileSync(output, 'digest=true\n'));
    expect(readFileSync(output, 'utf8')).toBe('a=1\ndigest=true\n');
    expect(takeRestored()).toEqual(['GITHUB_OUTPUT']);
    restoreCommandFiles();
    expect(takeRestored()).toEqual([]);
  });
});
