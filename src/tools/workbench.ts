import { mkdirSync } from 'node:fs';
import { ActionError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import { type LocalName, planLocalName } from '../plan/build-plan.ts';
import { keepCommandFiles } from './command-files.ts';
import { type DockerClient, findDocker } from './engine/containers.ts';
import { findEngine } from './engine/endpoint.ts';
import { type Engine, type EngineInfo, readEngineInfo } from './engine/engine.ts';
import { removeContainers } from './engine/removal.ts';
import { hasTurns } from './engine/turns.ts';
import type { RunnerEnvironment } from './environment.ts';
import { findProgram } from './programs.ts';
import { reserveRoom } from './room.ts';
import { type State, saveState, stateFolder } from './state.ts';
import { dropName, tidyUp } from './tidy-up.ts';

/** What belongs to this run alone, and the machine it runs on. */
export interface Workbench {
  readonly environment: RunnerEnvironment;
  readonly cancel: AbortSignal;
  readonly engine: Engine;
  /** Docker's client, as it was found on PATH before a test could put another one there. */
  readonly findClient: () => DockerClient;
  /** What the engine is, asked once a run. */
  readonly readInfo: () => Promise<EngineInfo>;
  /** The same, or why there is none that answers. */
  readonly findInfo: () => Promise<EngineInfo | ActionError>;
  readonly nonce: string;
  /** A private folder, gone after post. */
  readonly folder: string;
  /** The image's name in the engine's store while it is being tested. */
  readonly name: LocalName;
  /** Writes down that a name in the engine's store will be given away, and what stood there before. */
  readonly rememberName: (name: string, before: Digest | undefined) => void;
  /** Writes down that such a name was given back: it may be another run's by the time of post. */
  readonly forgetName: (name: string) => void;
  /** Takes on what nobody needs to wait for before `tidyUp`, which does again what failed of it. */
  readonly leaveToEnd: (work: Promise<void>) => void;
  /** Undoes all that is written down, once nobody needs it any more. Never rejects: what is left is post's.
   * @returns whether nothing is left. */
  readonly tidyUp: () => Promise<boolean>;
}

/** Post has more time. */
const tidyLimit = 4_000;

/** Opens a workbench; what it will leave behind is in State before it exists.
 * @param nonce 32 hex digits, unique to this run of the step.
 * @throws ActionError `engine-missing` where DOCKER_HOST or the docker context names no engine. */
export async function openWorkbench(
  environment: RunnerEnvironment,
  nonce: string,
  cancel: AbortSignal,
): Promise<Workbench> {
  const folder = stateFolder(environment.temp, nonce);
  const name = planLocalName(nonce);
  let names: readonly string[] = [name];
  let restore: State['restore'] = [];
  const left: Promise<void>[] = [];
  keepCommandFiles(environment.all);
  const docker = findProgram('docker', environment.all['PATH'] ?? '');
  saveState({ nonce, folder, names, restore });
  mkdirSync(folder, { mode: 0o700 });
  reserveRoom(folder);
  const engine = await findEngine(environment.all);
  const rememberName = (given: string, before: Digest | undefined): void => {
    if (before !== undefined) restore = [...restore, { name: given, id: before }];
    else if (names.includes(given)) return;
    else names = [...names, given];
    saveState({ nonce, folder, names, restore });
  };
  const forgetName = (given: string): void => {
    names = names.filter((one) => one !== given);
    restore = restore.filter((one) => one.name !== given);
    saveState({ nonce, folder, names, restore });
  };
  let info: Promise<EngineInfo> | undefined;
  const readInfo = (): Promise<EngineInfo> => {
    info ??= readEngineInfo(engine, cancel);
    return info;
  };
  const findInfo = (): Promise<EngineInfo | ActionError> =>
    readInfo().catch((error: unknown) => {
      if (error instanceof ActionError && error.code === 'engine-missing') return error;
      throw error;
    });
  const findClient = (): DockerClient => findDocker(environment.all, docker);
  return {
    environment,
    cancel,
    engine,
    findClient,
    readInfo,
    findInfo,
    nonce,
    folder,
    name,
    rememberName,
    forgetName,
    leaveToEnd: (work) => void left.push(work.catch(() => undefined)),
    tidyUp: async () => {
      if (names.length === 0) return restore.length === 0; // no engine, no names
      const limit = AbortSignal.any([cancel, AbortSignal.timeout(tidyLimit)]);
      // a name that is just being given back may be another run's a moment later
      const rest = Promise.all(left).then(async () => {
        const state = { nonce, folder, names: names.filter((one) => one !== name), restore };
        if (state.names.length + restore.length > 0 || hasTurns()) await tidyUp(engine, state, limit);
      });
      const unused = removeContainers(engine, `io.slipway.run=${nonce}`, limit);
      const ends = await Promise.allSettled([dropName(engine, name, limit), unused, rest]);
      return ends.every(({ status }) => status === 'fulfilled');
    },
  };
}
