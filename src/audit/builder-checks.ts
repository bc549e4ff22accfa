import type { Place } from '../model/place.ts';
import type { Severity, Stride } from './finding.ts';

/** A warning of BuildKit's checks, as the build told it. */
export interface BuilderWarning {
  /** Begins with the check's name: `FromAsCasing: …`. */
  readonly text: string;
  readonly url: string;
  readonly place: Place | undefined;
}

/** What a warning is about: the check's name and what it says. */
export interface BuilderFinding {
  readonly id: string;
  readonly detail: string;
  readonly stride: Stride;
  readonly severity: Severity;
}

/** How bad what BuildKit checks is (docs.docker.com/reference/build-checks), which has no severities of its own. None is high: they read
 * the Dockerfile alone, and what they warn of may be meant. What is not here is `low`. */
const known: Readonly<Record<string, readonly [Stride, Severity]>> = {
  CopyIgnoredFile: ['working', 'medium'],
  ConsistentInstructionCasing: ['automated', 'info'],
  ExposeInvalidFormat: ['working', 'medium'],
  ExposeProtoCasing: ['automated', 'info'],
  FromAsCasing: ['automated', 'info'],
  FromPlatformFlagConstDisallowed: ['reproducible', 'low'],
  InvalidBaseImagePlatform: ['working', 'medium'],
  JSONArgsRecommended: ['operable', 'medium'],
  LegacyKeyValueFormat: ['automated', 'info'],
  MaintainerDeprecated: ['automated', 'info'],
  NoEmptyContinuation: ['automated', 'low'],
  SecretsUsedInArgOrEnv: ['secure', 'medium'],
  StageNameCasing: ['automated', 'info'],
  UndefinedVar: ['working', 'medium'],
  WorkdirRelativePath: ['working', 'low'],
};

/** Reads a warning; one without a name of a check goes by `BuildKit`. */
export function readWarning({ text }: BuilderWarning): BuilderFinding {
  const [, id = 'BuildKit', detail = text] = /^([A-Z][A-Za-z]*): (.*)$/s.exec(text) ?? [];
  const [stride, severity] = (Object.hasOwn(known, id) ? known[id] : undefined) ?? (['automated', 'low'] as const);
  return { id, detail, stride, severity };
}

/** Whether an id can be one of BuildKit's: ours are kebab-case. */
export function isBuilderCheck(id: string): boolean {
  return /^[A-Z]/.test(id);
}
