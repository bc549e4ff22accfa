import { Masker } from '../model/masker.ts';

/** The secrets of this process, for whatever shows a text. */
export const knownSecrets = new Masker();
