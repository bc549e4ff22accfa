import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { renderReadme } from '../../scripts/docs.mjs';
import { parseInputs } from '../../src/inputs.ts';
import { inputNames } from '../../src/model/input-names.ts';

interface Described {
  readonly description: string;
  readonly default?: string;
  readonly required?: boolean;
}

interface Action {
  readonly name: string;
  readonly branding: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, Described>>;
  readonly outputs: Readonly<Record<string, Described>>;
  readonly runs: Readonly<Record<string, string>>;
}

const action = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as Action;

/** What the runner hands over where a workflow gives these inputs: the others at their defaults, empty where they have none. */
function rawInputs(given: Readonly<Record<string, string>>): Map<string, string> {
  const all = Object.entries(action.inputs).map(([name, { default: fallback }]) => [
    name,
    given[name] ?? fallback?.replace('${{ github.token }}', '') ?? '',
  ]);
  return new Map(all.map(([name = '', value = '']) => [name.toUpperCase(), value]));
}

describe('action.yml', () => {
  test('runs main and, whatever happened, post on Node 24', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/main.mjs',
      post: 'dist/post.mjs',
      'post-if': 'always()',
    });
  });

  test('has what the Marketplace asks for', () => {
    expect(action.name).toBe('Slipway');
    expect(action.branding).toEqual({ icon: 'anchor', color: 'blue' });
  });

  test.each([...Object.entries(action.inputs), ...Object.entries(action.outputs)])(
    '%s is described',
    (name, described) => {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(described.description).toMatch(/^\S.*\.$/s);
      expect(described.default).not.toBe('');
    },
  );

  test('requires the image alone', () => {
    expect(Object.keys(action.inputs).filter((name) => action.inputs[name]?.required === true)).toEqual(['image']);
  });

  test('writes the outputs of its contract', () => {
    expect(Object.keys(action.outputs)).toEqual([
      'digest',
      'image-id',
      'imageid',
      'ref',
      'tag',
      'current',
      'tags',
      'version',
      'pushed',
      'reused',
      'role',
      'refused-tags',
      'superseded-tags',
      'cache-from',
      'metadata',
      'sarif',
      'receipt',
    ]);
  });
});

describe('the gate and action.yml', () => {
  test('know the same inputs', () => {
    expect(Object.keys(action.inputs).toSorted()).toEqual([...inputNames].toSorted());
  });

  test.each(Object.keys(action.inputs))('read %s: a value that is nonsense for most is not passed over', (name) => {
    const asked = new Set<string>();
    const raw = rawInputs({ image: 'ghcr.io/acme/app' });
    const get = raw.get.bind(raw);
    raw.get = (key) => {
      asked.add(key);
      return get(key);
    };
    parseInputs(raw);
    expect(asked).toContain(name.toUpperCase());
  });

  test('README.md says what action.yml says', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(renderReadme(readme, parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')))).toBe(
      readme,
    );
  });

  test('take the defaults without a notice', () => {
    expect(parseInputs(rawInputs({ image: 'ghcr.io/acme/app' })).notices).toEqual([]);
  });

  test('agree on every default: what is written there is what the gate assumes', () => {
    const written = parseInputs(rawInputs({ image: 'ghcr.io/acme/app' }));
    expect(parseInputs(new Map([['IMAGE', 'ghcr.io/acme/app']]))).toEqual(written);
  });

  test.each(['latest', 'versions', 'network', 'checks', 'stale', 'push', 'cache', 'reuse', 'bytecode-mode', 'comment'])(
    'agree on the values of %s',
    (name) => {
      const described = [...(action.inputs[name]?.description ?? '').matchAll(/`([a-z0-9-]+)`:/g)].map(
        ([, value]) => value,
      );
      let said = '';
      try {
        parseInputs(rawInputs({ image: 'ghcr.io/acme/app', [name]: 'nonsense' }));
      } catch (error) {
        said = (error as Error).message;
      }
      const allowed = /allowed are (.*)/.exec(said)?.[1]?.split(', ') ?? [];
      expect(described.sort()).toEqual(allowed.sort());
    },
  );
});
