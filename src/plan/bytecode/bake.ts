import type { Platform } from '../../model/platform.ts';
import { type AllTexts, noAttestations, planCacheFrom, planLists, planShared } from '../bake-target.ts';
import { escapeTemplate, isKeptByBake, quoteCsvField } from '../bake-text.ts';
import type { BuildRequest } from '../build-request.ts';
import { planDockerfiles } from './targets.ts';

/** Targets of a bake definition, by name. With bytecode `app` is the user's Dockerfile. */
export type Targets = Readonly<Partial<Record<'image' | 'test' | 'report' | 'app' | 'bytecode', object>>>;

/** Target `image`, and with bytecode the two that it is made from. What says what the image is (labels, annotations, attestations,
 * tags) belongs to it alone. */
export function planImage(request: BuildRequest, texts: AllTexts, made: object): Targets {
  const shared = planShared(request, texts);
  if (request.bytecode === undefined) return { image: { ...shared, ...made } };
  const { labels, annotations, attest, ...app } = shared;
  const dockerfiles = planDockerfiles(request.bytecode);
  const epoch = { SOURCE_DATE_EPOCH: texts.args.inDefinition['SOURCE_DATE_EPOCH'] };
  const about = { labels, ...(annotations === undefined ? {} : { annotations }), attest, args: epoch };
  const contexts = { app: 'target:app', bytecode: 'target:bytecode' };
  return {
    app: { ...app, attest: noAttestations },
    bytecode: planOurs(request, dockerfiles.bytecode, { contexts: { app: contexts.app } }),
    image: planOurs(request, dockerfiles.image, { contexts, ...about, ...made }),
  };
}

/** Names the targets of one of several solves; those of ours that take others by their names take its own. */
export function nameTargets(targets: Targets, suffix: string): readonly (readonly [string, object])[] {
  return Object.entries(targets).map(([name, target]) => {
    const { contexts } = target as { readonly contexts?: Readonly<Record<string, string>> };
    const own = Object.entries(contexts ?? {}).map(([key, from]) => [key, isOurs(from) ? `${from}${suffix}` : from]);
    return [`${name}${suffix}`, contexts === undefined ? target : { ...target, contexts: Object.fromEntries(own) }];
  });
}

function isOurs(context: string): boolean {
  return context === 'target:app' || context === 'target:bytecode';
}

/** Where the report about one of several platforms is: BuildKit's export to a folder gives each one of its own there. */
export function reportFolderOf(folder: string, platform: Platform): string {
  return `${folder}/${platform.replaceAll('/', '_')}`;
}

/** A target whose Dockerfile is ours. It reads nothing of the context, which has to be named all the same. */
function planOurs(request: BuildRequest, dockerfile: string, more: object): object {
  return {
    ...(isKeptByBake(request.context) ? { context: request.context } : {}),
    'dockerfile-inline': escapeTemplate(dockerfile),
    'no-cache': request.noCache,
    ...planLists({ platforms: request.platforms, 'cache-from': planCacheFrom(request), attest: noAttestations }),
    ...more,
  };
}

/** The target that brings the compile step's report out, where there is one. */
export function planReport(request: BuildRequest): Targets {
  const { bytecode } = request;
  if (bytecode === undefined) return {};
  const to = ['type=local', `dest=${bytecode.reportFolder}`].map(quoteCsvField).join(',');
  const contexts = { bytecode: 'target:bytecode' };
  return { report: planOurs(request, planDockerfiles(bytecode).report, { contexts, output: [escapeTemplate(to)] }) };
}
