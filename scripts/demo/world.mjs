// The world of the demo: one folder with an origin and its checkouts, one registry, and a runner in it.

import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../testbed/registry-owner.mjs';
import { createOrigin } from '../testbed/repo.mjs';
import { runAction } from '../testbed/runner.mjs';
import { removeImages } from './images.mjs';
import { ROOT } from './project.mjs';

/** @typedef {import('../testbed/payloads.mjs').GitHubEvent} GitHubEvent */
/** @typedef {import('../testbed/runner.mjs').ActionResult & { receipt: any, planted: boolean }} DemoRun `planted`: a file that only a name taken for a command makes */

/**
 * Everything that the demo makes, so that one call removes it.
 * @param {import('../testbed/index.mjs').Testbed} bench
 * @param {import('./project.mjs').Project} project
 */
export async function openWorld(bench, project) {
  const outside = process.env.TMPDIR;
  const root = mkdtempSync(join(tmpdir(), 'slipway-demo-'));
  const keep = undoAtExit(() => rmSync(root, { recursive: true, force: true }));
  process.env.TMPDIR = root; // every temporary folder from here on lies below ours
  const registry = await bench.startRegistry();
  const image = `${registry.host}/acme/${
    project.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'app'
  }`;
  const origin = await createOrigin({}, { message: 'Nothing yet' });
  const desk = await origin.clone();

  /** Commits what lies on the desk and points a branch of the origin at it. */
  const commit = async (/** @type {string} */ branch, /** @type {string} */ message) => {
    await desk.git('add', '--all', '--force');
    await desk.git('commit', '--quiet', '--allow-empty', '-m', message);
    const sha = await desk.git('rev-parse', 'HEAD');
    await desk.git('push', '--quiet', '--force', 'origin', `${sha}:refs/demo/incoming`);
    await origin.setRef(`refs/heads/${branch}`, sha);
    return sha;
  };

  return {
    registry,
    image,
    origin,
    /** The first commit to main: the project's files with their modes. */
    begin: async () => {
      for (const path of project.files)
        cpSync(join(project.folder, path), join(desk.folder, path), { verbatimSymlinks: true });
      return commit('main', `Import ${project.name}`);
    },
    /** A commit on top of main that changes one source file. */
    change: async (/** @type {string} */ branch, /** @type {string} */ text) => {
      await desk.git('checkout', '--quiet', '--force', '--detach', await origin.sha('refs/heads/main'));
      const { source } = project;
      if (source === undefined) writeFileSync(join(desk.folder, 'slipway-demo.txt'), `${text}\n`);
      else appendFileSync(join(desk.folder, source.path), `\n${source.comment} ${text}\n`);
      return commit(branch, text);
    },
    /** Checks out what the event is about and runs the action on it, main and post. @returns {Promise<DemoRun>} */
    run: async (
      /** @type {GitHubEvent} */ event,
      /** @type {{ runId: string, onLine: (line: string) => void }} */ { runId, onLine },
    ) => {
      const clone = await origin.clone({ ref: event.ref, depth: 1 });
      const result = await runAction({
        ...event,
        event: { name: event.name, payload: event.payload },
        action: ROOT,
        node: bench.node24,
        inputs: { image, ...project.inputs },
        workspace: clone.folder,
        env: bench.env,
        runId,
        onLine,
      });
      const planted = ['pwned', 'evil'].some((name) => existsSync(join(clone.folder, name)) || existsSync(name));
      const { receipt } = result.outputs;
      const run = {
        ...result,
        planted,
        receipt: existsSync(receipt ?? '') ? JSON.parse(readFileSync(receipt, 'utf8')) : undefined,
      };
      await removeImages(bench.env, [`${registry.host}/`, ...namesOf(result.state)]);
      result.cleanup();
      clone.remove();
      return run;
    },
    close: async () => {
      await removeImages(bench.env, [`${registry.host}/`]);
      await registry.remove();
      keep();
      rmSync(root, { recursive: true, force: true });
      if (outside === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = outside;
    },
  };
}

/** Names that a run told its post step of; post has removed them unless it was killed. @param {Record<string, string>} state @returns {string[]} */
function namesOf(state) {
  return state.slipway === undefined ? [] : JSON.parse(state.slipway).names;
}
