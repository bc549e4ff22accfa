// What must be true once a run that was told to stop is over.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRemains } from './engine-view.mjs';

/** @typedef {import('./run-case.mjs').Stopped} Stopped */
/** @typedef {import('./world.mjs').World} World */
/** @typedef {{ tag: string, before: string | null, after: string | null, outcome: string }} ToldTag */

/** Milliseconds until main must be gone. */
const LIMIT = 7_000;
/** A request that was on its way when the signal was sent comes within this time, on a busy machine too; what the holds keep waiting in the
 * middle of the writes waits longer. */
const ON_ITS_WAY = 1_500;

/** @param {World} world @param {import('./cases.mjs').Case} one @param {Stopped} stopped @returns {Promise<string[]>} */
export async function findFaults(world, one, stopped) {
  const { run, repository, id } = stopped;
  const nonce = nonceOf(run.state);
  const image = `${world.recorder.host}/${repository}`;
  const remains = await readRemains(world, { nonce: nonce ?? 'no run', image });
  return [
    ...remains.map((name) => `the engine still has ${name}`),
    ...findProcesses([`SIGNAL_CASE=${id}`, `SLIPWAY_RUN=${nonce ?? 'no run'}`]).map((name) => `still running: ${name}`),
    ...findFiles(world, stopped),
    ...compareEnd(one, stopped),
    ...findLateWrites(world, one, stopped),
    ...compareReceipt(await world.readTags(repository), { stopped, nonce, postWasEnded: one.post !== undefined }),
  ];
}

/** @param {import('./cases.mjs').Case} one @param {Stopped} stopped */
function compareEnd({ signals }, { run, signalAt, endedAt }) {
  const faults = [];
  const took = signalAt === undefined ? 0 : endedAt - signalAt;
  // without a state the signal came before main had begun, and its handlers
  const isOurs = signalAt !== undefined && signals[0] !== 'SIGKILL' && run.state.slipway !== undefined;
  if (isOurs && run.outputs.receipt === undefined)
    faults.push(`main ended with ${run.main.code ?? run.main.signal} and wrote no outputs`);
  if (took > LIMIT) faults.push(`it ended ${took} ms after the signal`);
  // who ends at once tells post that there may be more to do
  if (signals.length > 1 && run.state['slipway-ended'] !== undefined) faults.push('a second signal changed nothing');
  if (run.post?.code !== 0) faults.push(`post ended with ${run.post?.code ?? run.post?.signal}: ${run.post?.log}`);
  if (run.post?.log.includes('not everything of this run') === true) faults.push(`post: ${run.post.log}`);
  if (run.main.log.includes('    at ')) faults.push(`main told of a mistake of its own: ${run.main.log}`);
  return faults;
}

/** @param {World} world @param {import('./cases.mjs').Case} one @param {Stopped} stopped */
function findLateWrites(world, { signals }, { watch, signalAt }) {
  if (signalAt === undefined) return [];
  // what was killed can end nothing: its build goes on until post, and no tag that is a run's is the build's to write
  // and an engine with the classic store sends a layer to its end
  const tagsAlone = signals[0] === 'SIGKILL' || world.bench.engine.store === 'classic';
  const isOurs = tagsAlone ? /\/manifests\/(?!sha256:|cache-)/ : /./;
  return watch.seen
    .filter(
      ({ method, path, at }) => /^(?:PUT|POST|PATCH)$/.test(method) && isOurs.test(path) && at > signalAt + ON_ITS_WAY,
    )
    .map(({ method, path, at }) => `${at - signalAt} ms after the signal: ${method} ${path}`);
}

/** @param {Map<string, string>} tags @param {{ stopped: Stopped, nonce: string | undefined, postWasEnded: boolean }} of */
function compareReceipt(tags, { stopped: { temp, before, run }, nonce, postWasEnded }) {
  const path = join(temp, `slipway-receipt-${nonce}.json`);
  const isThere = existsSync(path);
  const receipt = isThere ? JSON.parse(readFileSync(path, 'utf8')) : { result: 'none', tags: [] };
  /** @type {ToldTag[]} */
  const told = receipt.tags;
  const faults = [];
  for (const [tag, digest] of tags) {
    if (tag.startsWith('cache-') || before.get(tag) === digest) continue;
    const one = told.find((each) => each.tag === tag);
    if (one === undefined || !['new', 'moved'].includes(one.outcome) || one.after !== digest)
      faults.push(`${tag} is at ${digest} and the receipt says ${one?.outcome ?? 'nothing'} ${one?.after ?? ''}`);
  }
  for (const { tag, outcome, after } of told) {
    // a post that is ended cannot wait for a write that does not land
    const mayNotKnow = postWasEnded && tags.get(tag) === before.get(tag);
    if (outcome === 'unknown' && !mayNotKnow) faults.push(`the receipt does not know ${tag}`);
    if (['new', 'moved', 'kept'].includes(outcome) && tags.get(tag) !== after)
      faults.push(`the receipt says ${outcome} ${after} of ${tag}, which is at ${tags.get(tag)}`);
  }
  const isWhole = told.length > 0 && told.every(({ outcome }) => ['new', 'moved', 'kept'].includes(outcome));
  if (run.main.code === 0 && !isWhole) faults.push('it is green and not every tag is written');
  if (receipt.result === 'unfinished') faults.push('the receipt is unfinished');
  return faults;
}

/** What lies on disk: nothing but the receipt, and the login nowhere. @param {World} world @param {Stopped} stopped */
function findFiles(world, { temp }) {
  const left = readdirSync(temp).filter(
    (name) =>
      name.startsWith('slipway-') &&
      !/^slipway-(?:receipt-[0-9a-f]{32}\.json|findings-[0-9a-f]{32}\.sarif)$/.test(name),
  );
  const { username, password } = world.login;
  const secrets = [password, Buffer.from(`${username}:${password}`).toString('base64')];
  const config = world.bench.env.DOCKER_CONFIG ?? '';
  const leaks = [temp, config].flatMap((folder) =>
    filesIn(folder).filter((path) => secrets.some((one) => readText(path).includes(one))),
  );
  return [...left.map((name) => `${name} is left in RUNNER_TEMP`), ...leaks.map((path) => `the login is in ${path}`)];
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** @param {string[]} marks @returns {string[]} */
function findProcesses(marks) {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const isMarked = (/** @type {string} */ pid) =>
    readText(`/proc/${pid}/environ`)
      .split('\0')
      .some((one) => marks.some((mark) => one.startsWith(mark)));
  return pids.filter(isMarked).map((pid) => `${pid} ${readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // a process that has ended just now, or a file that has gone
  }
}

/** @param {Record<string, string>} state */
function nonceOf(state) {
  return state.slipway === undefined ? undefined : /** @type {{ nonce: string }} */ (JSON.parse(state.slipway)).nonce;
}
