import { type BuildRequest, planLocalName } from '../../src/plan/build-plan.ts';

/** A request for the plainest of builds, for tests that never show it to a real builder. */
export function plainRequest(more: Partial<BuildRequest>): BuildRequest {
  return {
    context: '/work/app',
    dockerfile: '/work/app/Dockerfile',
    target: undefined,
    testTarget: undefined,
    args: new Map(),
    labels: new Map(),
    contexts: new Map(),
    secrets: [],
    ssh: [],
    platforms: [],
    annotations: [],
    addHosts: new Map(),
    network: undefined,
    shmSize: undefined,
    ulimits: [],
    allow: [],
    pull: false,
    noCache: false,
    noCacheFilters: [],
    attestations: [],
    commitTime: 1_700_000_000,
    cache: { from: [], inline: false, write: undefined },
    builder: undefined,
    delivery: 'by-engine',
    sendsTo: undefined,
    perPlatform: false,
    layout: '/tmp/run/image',
    bytecode: undefined,
    name: planLocalName('0'.repeat(32)),
    ...more,
  };
}
