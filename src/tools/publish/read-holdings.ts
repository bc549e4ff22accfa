import type { Repository } from '../../model/image-ref.ts';
import { RegistryError } from '../../model/registry.ts';
import { adoptionTags, type Held, type Holdings } from '../../plan/adoption.ts';
import { explainPushRight } from '../../plan/push-right.ts';
import type { TagPlan } from '../../plan/tag-plan.ts';
import { absentWhereAllowed } from '../registry/allowed.ts';
import { readHeld } from '../registry/held.ts';
import type { Registries } from '../registry/registries.ts';
import { explainRegistry } from './failures.ts';

/** What a repository holds, as far as it may be taken, and whether this login may write to it.
 * @throws ActionError `login-missing`, `registry-failed`. */
export async function readHoldings(registries: Registries, repository: Repository, wanted: TagPlan): Promise<Holdings> {
  const registry = await registries.open(repository, 'survey');
  try {
    const asked = adoptionTags(wanted).map(async (tag) => {
      const held = await absentWhereAllowed<Held>(registry, () => readHeld(registry, tag), { kind: 'absent' });
      return { tag, held };
    });
    const reading = Promise.all(asked);
    reading.catch(() => undefined); // a login that is refused is told as such, whichever answer comes first
    const right = await registry.mayPush();
    if (right !== 'yes') throw explainPushRight(right, repository);
    return { repository: repository.name, tags: await reading };
  } catch (error) {
    throw error instanceof RegistryError ? explainRegistry(error, repository.name) : error;
  }
}
