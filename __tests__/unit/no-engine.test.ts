import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../src/errors.ts';
import type { Inputs } from '../../src/inputs.ts';
import { planBake } from '../../src/plan/build-plan.ts';
import type { BuilderChoice } from '../../src/plan/builder.ts';
import { planDelivery } from '../../src/plan/delivery.ts';
import { planNoEngineNotices, requireNoEngine } from '../../src/plan/no-engine.ts';
import { plainRequest } from '../support/build-request.ts';
import { parse } from '../support/inputs.ts';

const missing = new ActionError('engine-missing', 'no Docker engine answers at /s (ENOENT)', { hint: 'get one' });
const node = { name: 'b0', endpoint: 'tcp://10.0.0.1:1', status: 'running', version: 'v0.30.0', error: undefined };
const far: BuilderChoice = {
  kind: 'apart',
  name: 'b',
  driver: 'remote',
  nodes: [{ ...node, options: new Map(), platforms: [], features: new Map() }],
  exportsCache: true,
  exportsLayouts: true,
  pushes: true,
};
const asked = (inputs: Record<string, string> = {}): Inputs => parse(inputs);
const check = (builder: BuilderChoice, inputs?: Record<string, string>): void =>
  requireNoEngine(builder, asked(inputs), missing);

describe('without an engine', () => {
  test.each([
    ['nothing but the build', {}],
    ['tests on the runner and in a stage', { test: 'true', 'test-target': 'test' }],
    ['bytecode', { bytecode: 'on' }],
    ['checks that read', { checks: 'report' }],
  ])('a remote builder is enough for %s', (_, inputs) => {
    expect(() => check(far, inputs)).not.toThrow();
  });

  test.each([
    ['`test-image`', { 'test-image': 'true' }],
    ['`verify`', { verify: 'true' }],
    ['`bytecode: require`', { bytecode: 'require' }],
    ['`checks: full`', { checks: 'full' }],
    ['`checks: low`', { checks: 'low' }],
  ])('%s is refused by name', (need, inputs) => {
    expect(() => check(far, inputs)).toThrow(`answers at /s (ENOENT), and ${need} runs the image in one`);
  });

  test.each([
    ['the engine’s own builder', { kind: 'engine' } as const],
    ['one in a container of it', { ...far, driver: 'docker-container' }],
  ])('%s is none, and the engine is what is missing', (_, builder) => {
    expect(() => check(builder)).toThrow(missing);
  });

  test('a builder that writes no layout is refused', () => {
    expect(() => check({ ...far, driver: 'cloud', exportsLayouts: false })).toThrow(
      '"b" (driver cloud) cannot hand out an OCI layout, and no Docker engine answers',
    );
  });

  test.each([
    ['straight from the builder where nothing on the runner could change what it is made of', {}, 'by-builder'],
    ['through a folder where a test runs beside the build', { test: 'true' }, 'by-folder'],
    ['through a folder where a second solve would make other attestations', { provenance: 'true' }, 'by-folder'],
  ])('the image goes %s', (_, inputs, delivery) => {
    expect(planDelivery(far, asked(inputs), false)).toBe(delivery);
  });

  test('what is not proved is said', () => {
    expect(planNoEngineNotices(asked())).toEqual([]);
    expect(planNoEngineNotices(asked({ bytecode: 'on' })).join()).toContain('is not proved by starting the image');
  });

  test('the image goes to a folder as files, which bake is allowed to write', () => {
    const { definition, args } = planBake(plainRequest({ layout: '/tmp/run,1/image', delivery: 'by-folder' }));
    const { target } = JSON.parse(definition) as { target: { image: { output: string[] } } };
    expect(target.image.output).toEqual(['type=oci,tar=false,"dest=/tmp/run,1/image"']);
    expect(args).toContain('--allow=fs.write=/tmp/run,1/image');
  });
});
