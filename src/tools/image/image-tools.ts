import type { RunPlan } from '../../plan/run-plan.ts';
import { runsImage } from '../../plan/runs-image.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import { stampBuildx } from '../buildx/stamp.ts';
import { openReports } from '../junit/collect.ts';
import type { PublishTools } from '../publish/land-in.ts';
import type { Survey } from '../survey.ts';
import type { Desk, Tools } from '../tools.ts';
import { exportCacheBounded } from './cache-export.ts';
import type { CacheSupply } from './cache-supply.ts';
import { type ContextMark, markContext } from './context-mark.ts';
import { obtainImage } from './obtain.ts';
import { proveImage } from './prove.ts';
import { sendKept } from './send-kept.ts';

/** What makes the image, proves it and keeps its cache. The three share what was known of context and buildx before the tests ran. */
export function openImageTools({
  bench,
  inputs,
  journal,
  registries,
  remote,
  tell,
}: Desk): Pick<Tools, 'obtain' | 'prove' | 'exportCache'> & Pick<PublishTools, 'sendKept'> {
  const report = (result: Parameters<typeof journal.test>[0]): void => journal.test(result);
  const notice = (text: string): void => journal.notice(text);
  let mark: ContextMark | undefined;
  let stamp = '';
  let send: PublishTools['sendKept'] = () => Promise.reject(new Error('no image was built that could be sent'));
  const collector = openReports(bench, inputs.tests.reports);
  const collect = async (): Promise<void> => {
    if (inputs.tests.reports.length === 0 || journal.facts.tests.length === 0 || bench.cancel.aborted) return;
    const { notices, ...reports } = await collector.collect();
    journal.keep('reports', reports);
    tell('', notices);
  };
  const supplyFrom = ({ relay }: Survey): CacheSupply => ({ relay, registries, tell: notice });
  return {
    obtain: (plan, asked, seen) => {
      mark = markContext(asked.context);
      stamp = stampBuildx(seen.buildx);
      // a solve beside the tests would lay the logins that it is lent within their reach
      const lends = seen.buildx.logins.length > 0 && plan.tests.host !== undefined;
      const repeats = lends ? { ...mark, isUntouched: () => false } : mark;
      const { buildx } = seen;
      const build = { bench, buildx, limit: inputs.build.limit, report, mark: repeats, caches: supplyFrom(seen) };
      const findTouched = (): string | undefined => {
        if (mark?.isUntouched() !== true) return 'the build context';
        return stampBuildx(buildx) === stamp ? undefined : 'docker’s configuration or its buildx';
      };
      const atRest = (): void => {
        if (shipsAsBuilt(plan)) remote.askAhead(asked.follows);
      };
      send = (image, registry) => sendKept({ ...build, stamp }, plan, { image, registry });
      const builder = { ...build, context: asked.context, tell: notice, findTouched, atRest };
      return obtainImage(builder, registries, plan).catch(async (error: unknown) => {
        await collect(); // tests that failed are what people want to read about
        throw error;
      });
    },
    sendKept: (image, registry) => send(image, registry),
    prove: async (plan, image) => {
      const { proveCompiled } = await import('../proof/bytecode.ts');
      await proveCompiled(bench, image, { plan, keep: (proofs) => journal.keep('bytecodeProofs', proofs), tell });
      try {
        await proveImage(bench, image, { tests: plan.tests, report, tell: notice, afterwards: collector.afterwards });
      } finally {
        await collect();
      }
    },
    exportCache: async (plan, asked, seen) => {
      const known = mark ?? markContext(asked.context);
      const done = await exportCacheBounded(
        { bench, buildx: seen.buildx, mark: known, caches: supplyFrom(seen), stamp },
        { ...plan, request: asBuilt(plan.request, journal.facts.image) },
        journal.facts.image,
      );
      if (done === undefined) return;
      journal.keep('cacheExport', done);
      if (!done.ok)
        tell('', [`the cache ${done.reference} was not written, so the next builds are slower: ${done.reason}`]);
    },
  };
}

/** Whether nothing of the user's comes between build and upload. */
function shipsAsBuilt({ adoption, request, tests }: RunPlan): boolean {
  const isProved = runsImage(tests) || request.bytecode !== undefined;
  return adoption.kind === 'build' && adoption.firstTag !== undefined && !isProved;
}

/** What was built in the end: an image may ship without the bytecode that was asked for. */
function asBuilt(request: RunPlan['request'], image: BuiltImage | undefined): RunPlan['request'] {
  return image?.reused === false && image.bytecode.length === 0 ? { ...request, bytecode: undefined } : request;
}
