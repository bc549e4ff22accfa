import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import { fullRegistryHint, saysFull } from '../../model/full-storage.ts';
import type { BakePlan } from '../../plan/build-plan.ts';
import type { Exit } from '../command.ts';

/** Nothing can be wrong with an image that a registry does not take. */
export function explainPush(reason: string): ActionError | undefined {
  if (!reason.startsWith('failed to push ')) return undefined;
  return saysFull(reason)
    ? new ActionError('disk-full', `the storage of the registry is full: ${reason}`, { hint: fullRegistryHint })
    : explainUnsent(reason);
}

/** The builder made the image, and a registry did not get it. */
export function explainUnsent(reason: string, cause?: Error): ActionError {
  return new ActionError('publish-failed', `the builder could not send the image: ${reason}`, {
    hint: 'no tag was written; a builder asks with the login that this step has, and where the registry has no TLS, by its own configuration',
    cause,
  });
}

/** The builder is there, or was, and takes no work. */
export function explainBuilder(reason: string): ActionError | undefined {
  if (/\bContainer \S+ is paused\b/.test(reason))
    return new ActionError('builder-missing', `the builder is paused: ${reason}`, {
      hint: 'somebody ran `docker pause` on the container that it names; `docker unpause` sets it free',
    });
  if (
    /^context deadline exceeded$|^Cannot connect to the Docker daemon|^no builder ".*" found|failed to connect to .*buildkit|error: failed to list workers/.test(
      reason,
    )
  )
    return new ActionError('builder-missing', `the builder does not answer: ${reason}`, {
      hint: 'is the engine running, and does `builder` name what `docker buildx ls` lists?',
    });
  return undefined;
}

/** What a builder could not do before it built anything. */
export function explainStart({ failed }: BuildSummary, reason: string): ActionError | undefined {
  if (failed === undefined || !/^\[internal\] (?:booting buildkit|waiting for connection)$/.test(failed.name))
    return undefined;
  const isCluster = /^error (?:for bootstrap|while calling) |^expected \d+ replicas to be ready/.test(reason);
  return new ActionError('builder-missing', `the builder does not start: ${reason}`, {
    hint: isCluster
      ? 'ask the cluster (`kubectl describe deployment`, `kubectl get pods`): this runner’s kubeconfig or service account has to be allowed to make deployments and to enter pods'
      : '`docker buildx inspect --bootstrap` on this runner starts it and shows why not: an image that cannot be pulled, an engine that cannot run it',
  });
}

/** A builder that was ended, or went away, says nothing of the build itself. */
export function explainEnd(
  { signal }: Exit,
  { failed, running }: BuildSummary,
  reason: string,
): ActionError | undefined {
  const steps = failed === undefined ? running.slice(0, 3) : [failed];
  const step = steps.length === 0 ? '' : ` in step ${steps.map(({ name }) => name).join(', ')}`;
  if (signal !== null)
    return new ActionError('build-failed', `docker-buildx was killed by ${signal} in the middle of the build${step}`, {
      hint: 'somebody ended it, or the kernel did for want of memory: look at `dmesg` and at what else runs there, then run it again',
    });
  if (!/code = Unavailable|^Unavailable: |error reading from server: EOF|closing transport/.test(reason))
    return undefined;
  return new ActionError('builder-missing', `the builder went away in the middle of the build${step}: ${reason}`, {
    hint: 'look why it ended or was restarted, in its own log: `journalctl -u docker` has the engine’s, `docker logs` that of a builder in a container, a remote one’s is on its machine; then run this again',
  });
}

/** A disk is full: the runner's where that is what the plugin writes for this run, else the builder's. */
export function explainFull({ code }: Exit, { args }: BakePlan, reason: string): ActionError | undefined {
  if (code !== 102 && !/no space left on device/.test(reason)) return undefined;
  const ours = args.flatMap((arg) => /^--allow=fs\.write=(.+)$/.exec(arg)?.slice(1) ?? []);
  const isOurs = /metadata-/.test(reason) || ours.some((path) => reason.includes(path));
  const whose = isOurs ? 'runner' : 'builder';
  return new ActionError('disk-full', `the ${whose}'s disk is full: ${reason}`, { hint: roomHint });
}

export const roomHint =
  'free space before this step: `docker system prune -af` for the engine, `docker buildx prune -af` for a builder of its own, or a larger disk';
