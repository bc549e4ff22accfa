import type { Digest } from '../../model/digest.ts';
import type { RemoteHead } from '../../model/git-context.ts';
import type { Registry } from '../../model/registry.ts';
import { type Judgement, needsHeld } from '../../plan/standing.ts';
import type { TagPlan } from '../../plan/tag-plan.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { Judged } from '../../plan/write-plan.ts';
import { explained } from './failures.ts';
import { judgeHeld, type RefQuestions, readStanding } from './judge-held.ts';

/** Judges every tag that follows the ref, in every repository. A tag that holds the image that is to be published is fine wherever the
 * ref points. Nothing is asked of anybody where the run's commit is the ref's head.
 * @throws ActionError `registry-failed`, `login-missing`. */
export async function judgeEverywhere(
  places: readonly Registry[],
  {
    wanted,
    head,
    adopted,
  }: { readonly wanted: TagPlan; readonly head: RemoteHead; readonly adopted: Digest | undefined },
  ask: RefQuestions,
): Promise<Judged> {
  const tags = wanted.tags.filter(({ moves }) => moves === 'by-ref');
  const standing = await readStanding(wanted.follows, head, ask);
  const judge = async (registry: Registry, tag: WantedTag): Promise<Judgement> => {
    const held = needsHeld(standing, tag) ? await registry.head(tag.name) : undefined;
    if (held !== undefined && held === adopted) return { kind: 'write', notice: '' };
    return judgeHeld(standing, { registry, tag, held }, ask);
  };
  const all = tags.map(async (tag) => {
    const judgements = await Promise.all(places.map((registry) => explained({ registry }, judge(registry, tag))));
    return [tag.name, judgements] as const;
  });
  return new Map(await Promise.all(all));
}
