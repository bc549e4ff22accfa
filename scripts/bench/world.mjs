// What is measured: a small app whose every step is cached, an engine, a registry on loopback.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeImages } from '../demo/images.mjs';
import { pushBranch, pushTag } from '../testbed/payloads.mjs';
import { undoAtExit } from '../testbed/registry-owner.mjs';
import { createOrigin } from '../testbed/repo.mjs';
import { runAction } from '../testbed/runner.mjs';
import { runProcess } from '../testbed/runner-process.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BARE = 'acme/bare';
/** A Dockerfile of the app with a step that takes ten seconds; the argument RUN keeps it from being cached. */
export const SLOW_FILE = 'slow.Dockerfile';
/** A Dockerfile of the app on no base, so that nobody has to be asked what a base's name stands for. */
export const BARE_FILE = 'bare.Dockerfile';
const APP = {
  [BARE_FILE]: 'FROM scratch\nCOPY . /app\n',
  [SLOW_FILE]: ['FROM busybox:stable', 'ARG RUN', 'RUN sleep 10 && echo "$RUN" > /made', 'COPY . /app', ''].join('\n'),
  Dockerfile: [
    'FROM busybox:stable',
    'WORKDIR /app',
    'RUN echo made > /made',
    'COPY . /app',
    'USER nobody',
    'ENTRYPOINT ["cat"]',
    'CMD ["/app/message"]',
    '',
  ].join('\n'),
  '.dockerignore': '.git\n',
  message: 'hello\n',
};

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */
/** @typedef {Awaited<ReturnType<Awaited<ReturnType<typeof createOrigin>>['clone']>>} Clone */

/**
 * @param {import('../testbed/index.mjs').Testbed} bench
 * @param {ReturnType<typeof import('../demo/interrupt.mjs').listenForStop>} stop
 * @param {string} action folder of action.yml
 */
export async function openWorld(bench, stop, action = ROOT) {
  const root = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const keep = undoAtExit(() => rmSync(root, { recursive: true, force: true }));
  const outside = process.env.TMPDIR;
  process.env.TMPDIR = root; // every temporary folder from here on lies below ours
  const registry = await bench.startRegistry();
  const origin = await createOrigin(APP);
  const env = { PATH: process.env.PATH ?? '', HOME: root, ...bench.env };
  let number = 0;
  /** @type {(() => Promise<void>)[]} */
  const undone = [];

  /** A checkout of a new commit that changes nothing but the commit. */
  const checkOut = async (
    /** @type {string} */ branch,
    /** @type {(number: number) => Record<string, string>} */ files = () => ({}),
  ) => {
    number += 1;
    await origin.commit(branch, files(number), {
      message: `Nothing, ${number}`,
      from: await origin.sha('refs/heads/main'),
    });
    return origin.clone({ ref: `refs/heads/${branch}`, depth: 1 });
  };

  /** The example, made when it is first asked for. @type {ReturnType<typeof createOrigin> | undefined} */
  let example;
  const checkOutExample = async () => {
    example ??= createOrigin(readTree(join(ROOT, 'examples', 'python-app')));
    return (await example).clone({ ref: 'refs/heads/main', depth: 1 });
  };

  /** The action for an event, as the runner runs it. */
  const actOn = (
    /** @type {import('../testbed/payloads.mjs').GitHubEvent} */ { name, payload, ...rest },
    /** @type {Partial<import('../testbed/runner.mjs').ActionRun> & { workspace: string }} */ what,
  ) => {
    const run = { action, node: bench.node24, env: bench.env, ...rest, ...what, event: { name, payload } };
    return stop.during(() => runAction(run));
  };
  const act = (/** @type {{ branch: string, sha: string }} */ push, /** @type {Parameters<typeof actOn>[1]} */ what) =>
    actOn(pushBranch(push), what);

  const world = {
    bench,
    host: registry.host,
    act,
    /** Has something done when the world ends. */
    later: (/** @type {() => Promise<void>} */ undo) => void undone.push(undo),
    /** The origin of the app, and other ones with their files; all are gone in the end. */
    origin,
    createOrigin,
    checkOut,
    checkOutExample,
    /** Main and post of the action for a push of a checkout. */
    slipway: (
      /** @type {string} */ branch,
      /** @type {Clone} */ clone,
      /** @type {Record<string, string>} */ inputs,
      /** @type {Partial<import('../testbed/runner.mjs').ActionRun>} */ more = {},
    ) => world.on(pushBranch({ branch, sha: clone.sha }), clone, inputs, more),
    /** The same for a new version of a checkout's commit. */
    version: async (/** @type {Clone} */ clone, /** @type {Record<string, string>} */ inputs) => {
      const tag = `v0.0.${number}`;
      await origin.tag(tag, clone.sha);
      return world.on(pushTag({ tag, sha: clone.sha }), clone, inputs);
    },
    /** Main and post of the action for any event. */
    on: async (
      /** @type {import('../testbed/payloads.mjs').GitHubEvent} */ event,
      /** @type {Clone} */ clone,
      /** @type {Record<string, string>} */ inputs,
      /** @type {Partial<import('../testbed/runner.mjs').ActionRun>} */ more = {},
    ) => {
      number += 1;
      const what = {
        ...more,
        inputs: { image: `${registry.host}/acme/app`, ...inputs },
        workspace: clone.folder,
        runId: String(number),
      };
      const run = await actOn(event, what);
      if (run.main.conclusion !== 'success' || run.post?.conclusion !== 'success')
        throw new Error(`not green:\n${run.main.log}${run.post?.log}`);
      const receipt = JSON.parse(readFileSync(run.outputs.receipt, 'utf8'));
      run.cleanup();
      return { ms: run.main.ms + run.post.ms, main: run.main.ms, post: run.post.ms, receipt, log: run.main.log };
    },
    /** What somebody without Slipway would type, with the label that names the commit. */
    bare: async (/** @type {Clone} */ clone, /** @type {string[]} */ tags, /** @type {string[]} */ more = []) => {
      const names = tags.flatMap((tag) => ['--tag', `${registry.host}/${BARE}:${tag}`]);
      const label = `org.opencontainers.image.revision=${clone.sha}`;
      const argv = [
        'docker',
        'buildx',
        'build',
        '--push',
        '--provenance=false',
        '--label',
        label,
        ...names,
        ...more,
        '.',
      ];
      return succeed(await runProcess({ argv, cwd: clone.folder, env, onLine: () => {}, kill: undefined }));
    },
    /** Main's cache as docker would write it, the way Slipway does: the classic store knows no other than the one in the image. */
    cacheTo: () =>
      bench.engine.store === 'classic'
        ? 'type=inline'
        : `type=registry,ref=${registry.host}/${BARE}:cache,mode=max,image-manifest=true,oci-mediatypes=true`,
    /** As many repositories of the registry, for input `image`. */
    repositories: (/** @type {number} */ count) =>
      Array.from({ length: count }, (_, at) => `${registry.host}/acme/app${at === 0 ? '' : at}`).join('\n'),
    /** The action without any input: it reads, refuses and ends; post finds nothing to do. */
    refused: async (/** @type {'main' | 'post'} */ phase) => {
      const run = await act(
        { branch: 'main', sha: '0'.repeat(40) },
        {
          workspace: root,
          post: phase === 'post',
        },
      );
      run.cleanup();
      if (run.main.code !== 1) throw new Error(`without inputs main ends with ${run.main.code}:\n${run.main.log}`);
      return phase === 'main' ? run.main.ms : (run.post?.ms ?? 0);
    },
    /** A Node that does nothing. */
    emptyNode: async () =>
      succeed(await runProcess({ argv: [bench.node24, '-e', '0'], cwd: root, env, onLine: () => {}, kill: undefined })),
    close: async () => {
      for (const undo of undone) await undo();
      await removeImages(bench.env, [`${registry.host}/`]); // docker leaves what it built, Slipway does not
      await registry.remove();
      if (outside === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = outside;
      keep();
      rmSync(root, { recursive: true, force: true });
    },
  };
  await prime(world);
  return world;
}

/** Main's image and cache are there, as they are for every branch but the first. @param {Pick<World, 'slipway' | 'checkOut'>} world */
async function prime(world) {
  await world.slipway('main', await world.checkOut('main'), {});
}

/** @param {import('../testbed/runner-process.mjs').ProcessResult} done */
function succeed({ code, signal, log, ms }) {
  if (code === 0) return ms;
  throw new Error(`ended with ${signal ?? code}:\n${log}`);
}

/** The text files of a folder, by their paths in it. @param {string} folder @returns {Record<string, string>} */
function readTree(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map((one) => join(one.parentPath, one.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}
