import { recall, remember } from './actions.ts';

/** What outlives main and must be undone: written down before it exists. */
export interface State {
  /** Unique to this run of the step; containers carry it as label `io.slipway.run`. */
  readonly nonce: string;
  /** A private folder of this run. */
  readonly folder: string;
  /** Names in the engine's store. */
  readonly names: readonly string[];
  /** Names in the engine's store that stood for another image before: name and that image's id. */
  readonly restore: readonly { readonly name: string; readonly id: string }[];
}

/** The state as post finds it. */
export interface FoundState extends State {
  /** Main came to its end and wrote its reports. */
  readonly ended: boolean;
  /** It then had nothing in the engine any more. */
  readonly isTidy: boolean;
}

const key = 'slipway';
const endKey = 'slipway-ended';
const noncePattern = /^[0-9a-f]{32}$/;

/** Writes the state down; the last one counts. */
export function saveState(state: State): void {
  remember(key, JSON.stringify(state));
}

/** Writes down that main came to its end, and whether it has left anything in the engine. */
export function saveEnd(left: 'nothing' | 'something'): void {
  remember(endKey, left);
}

/** What main wrote down; undefined where it got nowhere. A state that main cannot have written (tests might forge one) is an error.
 * @throws Error naming what is wrong with it. */
export function readState(temp: string): FoundState | undefined {
  const text = recall(key);
  if (text === '') return undefined;
  const value = JSON.parse(text) as Partial<State>;
  const { nonce, folder, names, restore } = value;
  if (typeof nonce !== 'string' || !noncePattern.test(nonce)) throw new Error('the state has no nonce of ours');
  if (folder !== stateFolder(temp, nonce))
    throw new Error(`the state names a folder that is not ours: ${JSON.stringify(folder)}`);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw new Error('the state has no list of names');
  if (!Array.isArray(restore) || !restore.every((one) => typeof one.name === 'string' && typeof one.id === 'string'))
    throw new Error('the state has no list of names to restore');
  const left = recall(endKey);
  return { nonce, folder, names, restore, ended: left !== '', isTidy: left === 'nothing' };
}

/** The private folder that belongs to a nonce. */
export function stateFolder(temp: string, nonce: string): string {
  return `${temp.replace(/\/+$/, '')}/slipway-${nonce}`;
}

/** The receipt of a run: it stays in RUNNER_TEMP for later steps; the runner empties that folder after the job. */
export function receiptPath(temp: string, nonce: string): string {
  return `${temp.replace(/\/+$/, '')}/slipway-receipt-${nonce}.json`;
}

/** The findings of a run as SARIF, beside its receipt. */
export function sarifPath(temp: string, nonce: string): string {
  return `${temp.replace(/\/+$/, '')}/slipway-findings-${nonce}.sarif`;
}
