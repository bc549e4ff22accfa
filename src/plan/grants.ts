import { ActionError } from '../errors.ts';
import type { BuildInputs } from '../inputs.ts';
import type { Secret } from '../model/secret.ts';
import type { SecretSource } from './build-request.ts';
import type { Role } from './rights.ts';

/** A build secret as it was found at the start: its value, or why there is none. */
export interface FoundSecret {
  readonly id: string;
  /** Where it comes from, as the workflow says it; never with a value. */
  readonly from: string;
  readonly value:
    | { readonly kind: 'found'; readonly secret: Secret }
    | { readonly kind: 'missing'; readonly reason: string };
}

/** An SSH agent or keys as they were found at the start; paths are absolute. */
export interface FoundSsh {
  readonly id: string;
  readonly paths: readonly string[];
  /** Why it cannot be used; undefined where it can. */
  readonly missing: string | undefined;
}

/** What the build was promised by the workflow, as found on this machine. */
export interface Found {
  readonly secrets: readonly FoundSecret[];
  readonly ssh: readonly FoundSsh[];
  /** Of GitHub's API. */
  readonly token: Secret | undefined;
}

/** What this run's build is handed beyond its context. */
export interface Grants {
  readonly secrets: readonly SecretSource[];
  /** The values behind `secrets`, by the name of the variable or the path of the file. */
  readonly values: ReadonlyMap<string, Secret>;
  readonly ssh: readonly string[];
  readonly network: BuildInputs['network'];
  readonly allow: readonly string[];
  readonly notices: readonly string[];
}

/** Who builds, and where a secret may be put that is no text. */
export interface GrantPlace {
  readonly role: Role;
  /** Unique to the run: part of the variables' names. */
  readonly nonce: string;
  /** The run's private folder. */
  readonly folder: string;
}

/** Decides what the build is handed. A secret that is missing is an error, on untrusted runs a notice: forks get empty secrets.
 * Entitlements reach out of the builder's sandbox, so untrusted runs go without.
 * @throws ActionError `invalid-input` with all that is missing; also where a build argument, label or annotation holds a secret's value. */
export function planGrants(build: BuildInputs, found: Found, place: GrantPlace): Grants {
  const trusted = place.role !== 'untrusted';
  const missing = [
    ...found.secrets.flatMap(({ from, value }) => (value.kind === 'missing' ? [`${from}: ${value.reason}`] : [])),
    ...found.ssh.flatMap(({ id, missing: reason }) => (reason === undefined ? [] : [`ssh: ${id}: ${reason}`])),
  ];
  if (trusted) requireNone(missing, 'a secret of the build is missing', missingHint);
  requireNone(findExposed(build, found), 'a secret would stay readable in the image', exposedHint);
  const placed = found.secrets.flatMap(({ id, value }, at) =>
    value.kind === 'missing' ? [] : [placeSecret({ id, secret: value.secret }, at, place)],
  );
  const entitled = build.network === 'host' ? [...new Set([...build.allow, 'network.host'])] : build.allow;
  return {
    secrets: placed.map(({ source }) => source),
    values: new Map(placed.map(({ at, secret }) => [at, secret])),
    ssh: found.ssh.filter((one) => one.missing === undefined).map(formatSsh),
    network: trusted || build.network !== 'host' ? build.network : undefined,
    allow: trusted ? entitled : [],
    notices: [
      ...missing.map((one) => `this build goes without a secret, as forks have none: ${one}`),
      ...(trusted || entitled.length === 0
        ? []
        : [`\`allow\` is refused on untrusted runs: this build goes without ${entitled.join(', ')}`]),
    ],
  };
}

const missingHint =
  'set the secret in the repository’s settings, or the variable or file in the job before this step; delete the line if the build does not need it';
const exposedHint =
  'build arguments, labels and annotations can be read by whoever can pull the image: hand the value over by `secrets` alone and read it with RUN --mount=type=secret';

function requireNone(problems: readonly string[], what: string, hint: string): void {
  if (problems.length > 0)
    throw new ActionError('invalid-input', `${what}:\n${problems.map((one) => `  - ${one}`).join('\n')}`, { hint });
}

interface Placed {
  readonly source: SecretSource;
  /** Name of the variable or path of the file. */
  readonly at: string;
  readonly secret: Secret;
}

function placeSecret({ id, secret }: { id: string; secret: Secret }, at: number, place: GrantPlace): Placed {
  if (secret.fitsVariable()) {
    const variable = `SLIPWAY_${place.nonce}_${at}`;
    return { source: { kind: 'variable', id, variable }, at: variable, secret };
  }
  const path = `${place.folder}/secret-${at}`;
  return { source: { kind: 'file', id, path }, at: path, secret };
}

/** Values of fewer characters would be found in innocent texts. */
const telling = 8;

function findExposed(build: BuildInputs, { secrets, token }: Found): readonly string[] {
  const texts: [string, string][] = [
    ...[...build.args].map(([name, text]): [string, string] => [`build-args: ${name}`, text]),
    ...[...build.labels].map(([name, text]): [string, string] => [`labels: ${name}`, text]),
    ...build.annotations.map((text): [string, string] => [`annotations: ${text.slice(0, text.indexOf('='))}`, text]),
  ];
  const hidden = secrets.flatMap(({ from, value }) => (value.kind === 'found' ? [{ from, secret: value.secret }] : []));
  if (token !== undefined) hidden.push({ from: 'github-token', secret: token });
  return hidden.flatMap(({ from, secret }) => {
    const text = secret.reveal().trim();
    if (text.length < telling) return [];
    return texts.flatMap(([where, shown]) => (shown.includes(text) ? [`${where} holds the value of ${from}`] : []));
  });
}

function formatSsh({ id, paths }: FoundSsh): string {
  return paths.length === 0 ? id : `${id}=${paths.join(',')}`;
}
