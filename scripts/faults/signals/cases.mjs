// When a run is told to stop: at every boundary of its phases, and at any time.

/** @typedef {{ kind: 'line', is: RegExp } | { kind: 'request', method: RegExp, path: RegExp } | { kind: 'ms', after: number }} Moment */
/**
 * @typedef {object} Case
 * @property {string} name
 * @property {NodeJS.Signals[]} signals the first at the moment, each further one 300 ms after the one before
 * @property {Moment} at
 * @property {Moment} [post] when post is sent SIGINT too
 * @property {string} [slow] what takes half a minute and ignores INT and TERM: `build`, `test-begins`, `image-begins`, `verify-begins`
 * @property {import('./proxy.mjs').Hold} [hold]
 * @property {boolean} [waits] somebody else has the turn to push until the run is over
 * @property {boolean} [older] the tags hold an older image
 */

const tagged = /\/manifests\/(?!sha256:|cache-)[^/]+$/;
const moving = /\/manifests\/(?:latest|main)$/;
const latest = /\/manifests\/latest$/;
const blobs = /\/blobs\/uploads\//;
const cache = /\/manifests\/cache-/;

/** @type {Record<string, Omit<Case, 'name' | 'signals' | 'post'>>} */
const MOMENTS = {
  'in the first 50 ms': { at: { kind: 'ms', after: 20 } },
  'while git is asked': { at: { kind: 'line', is: /^::group::Who asks/ } },
  'while the registry is asked': { at: { kind: 'request', method: /^GET$/, path: /./ } },
  'while it builds': { at: { kind: 'line', is: /build-begins\b(?!.*&&)/ }, slow: 'build' },
  'while a test runs that is deaf': { at: { kind: 'line', is: /test │ test-begins/ }, slow: 'test-begins' },
  'while a container of the image runs': { at: { kind: 'line', is: /image-begins/ }, slow: 'image-begins' },
  'while verify runs': { at: { kind: 'line', is: /verify-begins/ }, slow: 'verify-begins' },
  // classic engines send PATCH before PUT; the POST that opens an upload is the survey's question too
  'while layers are sent': {
    at: { kind: 'request', method: /^(?:PUT|PATCH)$/, path: blobs },
    hold: { method: /^(?:PUT|PATCH)$/, path: blobs, ms: 2_500 },
  },
  'right before a tag is written': {
    at: { kind: 'request', method: /^HEAD$/, path: latest },
    hold: { method: /^HEAD$/, path: latest, ms: 2_500 },
  },
  'while the first tag is written': {
    at: { kind: 'request', method: /^PUT$/, path: tagged },
    hold: { method: /^PUT$/, path: tagged, ms: 2_500 },
  },
  'between the tags': {
    at: { kind: 'request', method: /^PUT$/, path: moving },
    hold: { method: /^PUT$/, path: moving, ms: 2_500 },
  },
  'between the tags, over an older image': {
    at: { kind: 'request', method: /^PUT$/, path: moving },
    hold: { method: /^PUT$/, path: moving, ms: 2_500 },
    older: true,
  },
  'while another run has the turn': { at: { kind: 'line', is: /^::group::Upload/ }, waits: true },
  'while the cache is written': {
    at: { kind: 'request', method: /^PUT$/, path: cache },
    hold: { method: /^PUT$/, path: cache, ms: 2_500 },
  },
  'at the end of the upload': { at: { kind: 'line', is: /✓ Upload/ } },
  'at the end of the tags': { at: { kind: 'line', is: /✓ Tags/ } },
};

/** Every boundary with every signal, a second signal, and post itself. @returns {Case[]} */
export function boundaryCases() {
  /** @type {NodeJS.Signals[]} */
  const kinds = ['SIGINT', 'SIGTERM', 'SIGKILL'];
  const all = Object.entries(MOMENTS).flatMap(([name, moment]) =>
    kinds.map((kind) => ({
      name: `${kind} ${name}`,
      signals: [kind],
      ...moment,
    })),
  );
  const deaf = MOMENTS['while a test runs that is deaf'];
  /** @type {Case[]} */
  const more = [
    { name: 'SIGINT twice while a test runs that is deaf', signals: ['SIGINT', 'SIGINT'], ...deaf },
    {
      name: 'SIGINT of post while it asks what became of the tags',
      signals: ['SIGKILL'],
      ...MOMENTS['between the tags'],
      post: { kind: 'request', method: /^GET$/, path: /\/manifests\// },
    },
  ];
  return [...more, ...all];
}

/** The cases of a short run: each boundary once, with signals in turn. @param {Case[]} all @returns {Case[]} */
export function sampleCases(all) {
  const names = Object.keys(MOMENTS);
  const turn = ['SIGINT', 'SIGKILL', 'SIGTERM'];
  const wanted = new Set(names.map((name, index) => `${turn[index % turn.length]} ${name}`));
  return all.filter(
    ({ name }) => wanted.has(name) || name.startsWith('SIGINT twice') || name.startsWith('SIGINT of post'),
  );
}

/** A signal at any time of a run that would take about 4 seconds. @param {number} index @returns {Case} */
export function randomCase(index) {
  /** @type {NodeJS.Signals[]} */
  const kinds = ['SIGINT', 'SIGTERM', 'SIGKILL'];
  const after = Math.round(Math.random() * 4_000);
  const kind = kinds[index % kinds.length];
  return { name: `${kind} after ${after} ms`, signals: [kind], at: { kind: 'ms', after } };
}
