// The story of the demo: main, a pull request that wants to be main, main again; then what the registry says of it.

import { ensureTestbed } from '../testbed/index.mjs';
import { pullRequest, pushBranch } from '../testbed/payloads.mjs';
import { parseCommand } from '../testbed/workflow-commands.mjs';
import { renderHeading, renderListing, renderProof, renderRun, seconds } from './blocks.mjs';
import { Interrupted, listenForStop } from './interrupt.mjs';
import { openLogView } from './log-view.mjs';
import { findDoubts, proveUntouched, readTags } from './proof.mjs';
import { openWorld } from './world.mjs';

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell that must not expand it
const BRANCH = 'feature/$(touch${IFS}pwned);x,ref=evil'; // legal for git, and poison for a shell or a comma list
const LAST_LINES = 30;

/** @typedef {(line: string) => void} Say */
/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */
/** @typedef {ReturnType<typeof listenForStop>} Stop */

/**
 * Tells it all; the result is the exit status.
 * @param {import('./project.mjs').Project} project @param {{ verbose: boolean, say: Say }} options @returns {Promise<number>}
 */
export async function tellStory(project, { verbose, say }) {
  say('test bench: a Docker engine, a mirror of base images with python in it, Node 24 (what is there is used)');
  const bench = await ensureTestbed({ log: (line) => say(`  ${line}`), want: ['python'] });
  const { version, store, ours } = bench.engine;
  say(`  engine ${version} (${store} image store) answers`);
  const begun = Date.now();
  const stop = listenForStop(say);
  const told = await inWorld(bench, project, (world) => tellRuns(world, project, { verbose, say, stop })).then(
    () => ({ code: 0, last: `All green, and main's tags stayed out of the branch's reach` }),
    (error) => ({ code: error instanceof Interrupted ? error.code : 1, last: error.message }),
  );
  stop.end();
  say('\nremoved: repository, checkouts, registry and images');
  if (ours) say('the engine stays up with its build cache; `npm run testbed -- down` stops it');
  say(`\n${told.last} (${seconds(Date.now() - begun)})`);
  return told.code;
}

/** Opens a world for some work and closes it whatever happens. @param {Parameters<typeof openWorld>[0]} bench @param {import('./project.mjs').Project} project @param {(world: World) => Promise<void>} work */
async function inWorld(bench, project, work) {
  const world = await openWorld(bench, project);
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

/** @param {World} world @param {import('./project.mjs').Project} project @param {{ verbose: boolean, say: Say, stop: Stop }} options */
async function tellRuns(world, project, { verbose, say, stop }) {
  const { origin, registry, image } = world;
  say(`app: ${project.folder}, tested ${project.because}\nregistry: ${registry.host}, empty; the image is ${image}`);
  let number = 0;
  const tell = async (
    /** @type {string} */ title,
    /** @type {import('./world.mjs').GitHubEvent} */ event,
    ref = event.ref,
  ) => {
    number += 1;
    say(renderHeading(`${number}  ${title}`));
    const view = openLogView({ verbose });
    const tags = await readTags(registry, image);
    const runId = `${4700 + number}`;
    const run = await stop.during(() => world.run(event, { runId, onLine: view.line })).finally(view.end);
    say('');
    for (const line of renderRun(run, { event, ref, tags })) say(line);
    demandGreen(run, title);
    return run;
  };

  await tell('a push to main', pushBranch({ branch: 'main', sha: await world.begin() }));

  const before = await readTags(registry, image);
  const since = await registry.mark();
  await world.change(BRANCH, 'a change that nobody has reviewed');
  const merged = await origin.pullRequest({ number: 7, head: `refs/heads/${BRANCH}` });
  const asked = pullRequest({ number: 7, head: BRANCH, ...merged });
  const request = await tell(
    'a pull request of the same repository, from a branch with a hostile name',
    asked,
    `refs/heads/${BRANCH}`,
  );
  const requests = await since();
  const after = await readTags(registry, image);

  const sha = await world.change('main', 'a change that main took');
  await tell('a second push to main', pushBranch({ branch: 'main', sha }));

  say(renderHeading('what the registry holds now'));
  for (const line of renderListing(await readTags(registry, image))) say(line);
  say(renderHeading("what the pull request did to main's tags"));
  const proof = proveUntouched({ before, after, requests });
  for (const line of renderProof(proof, { branch: BRANCH, planted: request.planted })) say(line);
  const doubts = [...findDoubts(proof), ...(request.planted ? ["the branch's name was run as a command"] : [])];
  if (doubts.length > 0) throw new Error(`The proof fails: ${doubts.join('; ')}.`);
}

/** @param {import('./world.mjs').DemoRun} run @param {string} title */
function demandGreen({ main, post, receipt }, title) {
  const isGreen = main.conclusion === 'success' && post?.conclusion === 'success' && receipt?.result === 'ship';
  if (isGreen) return;
  const said = receipt?.error ?? { message: main.fileError ?? `main ended with ${main.signal ?? main.code}`, hint: '' };
  const lines = `${main.log}${post?.log ?? ''}`.trimEnd().split('\n');
  const log = lines.filter((line) => parseCommand(line) === undefined).slice(-LAST_LINES);
  throw new Error([...log, '', `not green: ${title}: ${said.message}`, said.hint].join('\n').trim());
}
