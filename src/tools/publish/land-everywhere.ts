import { ActionError } from '../../errors.ts';
import { settleIdentity } from '../../model/image-identity.ts';
import type { Registry } from '../../model/registry.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import { settleAll } from './failures.ts';
import { chooseFirst } from './first-tag.ts';
import { landIn, type Publication, type PublishTools } from './land-in.ts';
import type { Landed } from './publish.ts';
import { recordOvertaken, recordPlan } from './record-plan.ts';

/** Brings the image into every repository under its first tag; every wanted tag is on record from here on.
 * @throws ActionError `publish-failed`, `digest-mismatch`, `login-missing`, `registry-failed`. */
export async function landEverywhere(tools: PublishTools, publication: Publication): Promise<readonly Landed[]> {
  const { writes, repositories } = publication;
  for (const repository of repositories) recordPlan(tools, repository, writes);
  const { first } = writes;
  if (first === undefined) return [];
  const places = await Promise.all(repositories.map((repository) => tools.registries.open(repository, 'publish')));
  const work = { ...publication, first: await chooseFirst(places, first, { ...publication, run: tools.bench }) };
  const landed: Landed[] = [];
  const arrivals = groupByRegistry(places).flatMap((group) => landGroup(tools, group, { work, landed }));
  await settleAll(arrivals);
  requireOneDigest(landed);
  return landed;
}

/** Repositories of one registry one after another, so that only the first is sent the layers; several registries side by side. */
function landGroup(
  tools: PublishTools,
  group: readonly Registry[],
  { work, landed }: { work: Publication & { first: WantedTag }; landed: Landed[] },
): readonly Promise<void>[] {
  const { adoption } = work.plan;
  const sources: Registry[] = group.filter(
    ({ repository }) => adoption.kind === 'adopt' && repository.name === adoption.from.repository,
  );
  let { identity } = work.image;
  let before: Promise<unknown> = Promise.resolve();
  return group.map((registry) => {
    const arrival = before.then(async () => {
      const arrived = await landIn(tools, registry, { ...work, identity, sources });
      if (arrived === undefined) return recordOvertaken(tools, registry.repository, work.writes);
      identity = settleIdentity(identity, arrived.manifest);
      tools.published(arrived.manifest.digest);
      landed.push(arrived);
      sources.push(registry);
    });
    before = arrival.catch(() => undefined); // told by who waits for the arrival itself
    return arrival;
  });
}

/** Each registry was sent the image for itself, and where the push makes the manifest two of them might have got two.
 * @throws ActionError `digest-mismatch`. */
function requireOneDigest(landed: readonly Landed[]): void {
  if (new Set(landed.map(({ manifest }) => manifest.digest)).size < 2) return;
  const where = landed.map(({ registry, manifest }) => `${registry.repository.name} has ${manifest.digest}`).join(', ');
  throw new ActionError('digest-mismatch', `one image arrived at two digests: ${where}`, {
    hint: 'publish to one registry a step, or use an engine with the containerd image store, whose images have one digest everywhere',
  });
}

function groupByRegistry(places: readonly Registry[]): readonly (readonly Registry[])[] {
  const groups = new Map<string, Registry[]>();
  for (const place of places) {
    const group = groups.get(place.repository.registry) ?? [];
    groups.set(place.repository.registry, [...group, place]);
  }
  return [...groups.values()];
}
