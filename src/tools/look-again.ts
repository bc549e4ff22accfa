import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../errors.ts';
import { readLogin } from '../inputs/login.ts';
import { InputReader } from '../inputs/reader.ts';
import { readRepositories } from '../inputs/repositories.ts';
import type { ManifestBytes } from '../model/manifest.ts';
import { parseManifest } from '../model/manifest.ts';
import { type Registry, RegistryError } from '../model/registry.ts';
import { Secret } from '../model/secret.ts';
import { parseTag } from '../model/tag.ts';
import { secretsOfLogin } from '../plan/login.ts';
import { type Look, settleTag, type ToldReceipt, type ToldTag } from '../report/unfinished.ts';
import { mask } from './actions.ts';
import { type Engine, readEngineInfo } from './engine/engine.ts';
import type { RunnerEnvironment } from './environment.ts';
import { openRegistries } from './registry/registries.ts';

/** A write that was on its way when main ended lands within this time, or is told as not done. */
const landing = 10_000;
const everyMs = 500;

/** Asks the registries what became of tags, with the logins that main had; nothing is written.
 * @param tags those to look at, of the receipt's
 * @returns each of them as it stands. */
export async function lookAgain(
  place: { readonly environment: RunnerEnvironment; readonly engine: Engine; readonly cancel: AbortSignal },
  receipt: ToldReceipt,
  tags: readonly ToldTag[],
): Promise<readonly ToldTag[]> {
  const { environment, engine, cancel } = place;
  const read = new InputReader(environment.inputs);
  const repositories = [...readRepositories(read, 'image'), ...readRepositories(read, 'protected-image')];
  const login = readLogin(read, repositories);
  if (login.kind === 'given') secretsOfLogin(login).forEach(mask);
  const githubToken = read.parsed('github-token', (token) => new Secret(token));
  const readInfo = () => readEngineInfo(engine, cancel);
  const registries = openRegistries({ environment, cancel, readInfo }, { login, githubToken });
  return Promise.all(
    tags.map(async (tag) => {
      // a receipt could be forged: a login goes nowhere but where main's went
      const repository = repositories.find(({ name }) => name === tag.repository);
      if (repository === undefined) return tag;
      const registry = registries.open(repository, 'probe');
      return settle(tag, async () => look(await registry, tag, receipt), cancel);
    }),
  );
}

async function settle(tag: ToldTag, lookNow: () => Promise<Look>, cancel: AbortSignal): Promise<ToldTag> {
  const until = performance.now() + landing;
  for (;;) {
    const now = await lookNow();
    const isOpen = tag.outcome === 'unknown' && !(now.kind === 'read' && now.isImage);
    if (!isOpen || performance.now() > until) return settleTag(tag, now);
    if (cancel.aborted) return settleTag(tag, { kind: 'unread', reason: 'the job was ended' });
    await delay(everyMs, undefined, { signal: cancel }).catch(() => undefined);
  }
}

async function look(registry: Registry, { tag }: ToldTag, receipt: ToldReceipt): Promise<Look> {
  try {
    const held = await registry.manifest(parseTag(tag));
    return { kind: 'read', held: held?.digest, isImage: held !== undefined && isImageOf(receipt, held) };
  } catch (error) {
    if (error instanceof RegistryError || error instanceof ActionError)
      return { kind: 'unread', reason: error.message };
    throw error;
  }
}

function isImageOf({ digest, configDigest }: ToldReceipt, held: ManifestBytes): boolean {
  if (digest !== undefined) return held.digest === digest;
  const manifest = parseManifest(held);
  return manifest.kind === 'image' && manifest.config.digest === configDigest;
}
