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
