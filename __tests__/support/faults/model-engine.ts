import { ActionError } from '../../../src/errors.ts';
import { type Digest, digestOf } from '../../../src/model/digest.ts';
import { formatReference, type Repository } from '../../../src/model/image-ref.ts';
import type { Tag } from '../../../src/model/tag.ts';
import { type Http, HttpError, type HttpReply } from '../../../src/tools/http/http.ts';
import { modelLogin } from './model-registry.ts';
import type { ModelImage } from './stages.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Where an engine sends what. */
export interface Pushing {
  readonly repository: Repository;
  readonly tag: Tag;
  readonly image: ModelImage;
}

const pauses = [1_000, 5_000, 20_000];

/** Pushes as an engine does whose push is repeated as a whole: no request of it is tried twice.
 * @throws ActionError `publish-failed`; `timeout` where the registry never answered. */
export async function pushAsEngine(http: Http, clock: VirtualClock, pushing: Pushing): Promise<Digest> {
  for (const pause of [...pauses, undefined]) {
    try {
      return await pushOnce(http, pushing);
    } catch (error) {
      if (!(error instanceof HttpError) && !(error instanceof Refused)) throw error;
      if (pause === undefined) {
        const reference = formatReference(pushing.repository, pushing.tag);
        const code = error instanceof HttpError && error.kind === 'timeout' ? 'timeout' : 'publish-failed';
        throw new ActionError(code, `push of ${reference} failed: ${error.message}`, { hint: 'again' });
      }
      await clock.sleep(pause, new AbortController().signal);
    }
  }
  throw new Error('there is a last attempt');
}

class Refused extends Error {}

async function pushOnce(http: Http, { repository, tag, image }: Pushing): Promise<Digest> {
  const { registry, path } = repository;
  const pair = Buffer.from(`${modelLogin.username}:${modelLogin.password}`).toString('base64');
  let authorization = `Basic ${pair}`;
  const ask = async (method: string, url: string, statuses: readonly number[], send: Sent = {}): Promise<HttpReply> => {
    const answer = await http.request({
      method,
      url: new URL(url, `https://${registry}/v2/${path}/`),
      socketPath: undefined,
      trust: { kind: 'verified', ca: undefined },
      headers: { authorization, ...(send.type === undefined ? {} : { 'content-type': send.type }) },
      body: send.body,
      limit: 1_000_000,
      deadline: 15_000,
      cancel: new AbortController().signal,
    });
    if (!statuses.includes(answer.status)) throw new Refused(`${method} ${url}: ${answer.status}`);
    return answer;
  };
  const granted = await ask('GET', `https://tokens.test/token?scope=repository:${path}:pull,push`, [200]);
  authorization = `Bearer ${readToken(granted)}`;
  for (const blob of image.blobs) {
    const digest = digestOf(blob);
    if ((await ask('HEAD', `blobs/${digest}`, [200, 404])).status === 200) continue;
    const { headers } = await ask('POST', 'blobs/uploads/', [202], { body: new Uint8Array(0) });
    await ask('PUT', `${headers.get('location')}&digest=${digest}`, [201], { body: blob });
  }
  for (const { digest, mediaType, bytes } of image.children)
    await ask('PUT', `manifests/${digest}`, [201], { body: bytes, type: mediaType });
  const { digest, bytes, mediaType } = image.manifest;
  const put = await ask('PUT', `manifests/${tag}`, [201], { body: bytes, type: mediaType });
  if (put.headers.get('docker-content-digest') !== digest) throw new Refused('invalid digest');
  return digest;
}

interface Sent {
  readonly body?: Uint8Array;
  readonly type?: string;
}

function readToken({ bytes }: HttpReply): string {
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { token: string }).token;
  } catch {
    throw new Refused('no token');
  }
}
