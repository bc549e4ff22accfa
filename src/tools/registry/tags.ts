import { invalidReply } from './exchange.ts';
import { type Answer, ask, readLocation } from './follow.ts';
import { type Patience, persist } from './retry.ts';
import type { Session } from './session.ts';

const pageLength = 1_000; // the most that distribution and Amazon ECR give at once
const mostPages = 1_000;
const longestPage = 4 * 1024 * 1024;

/** Every tag of a repository, page by page within one budget; empty on 404.
 * @throws RegistryError `invalid-reply` where the pages never end, lead to another host, or hold no tags. */
export async function readTags(session: Session, patience: Patience): Promise<readonly string[]> {
  const end = patience.clock.now() + patience.pace.budget;
  const tags: string[] = [];
  const seen = new Set<string>();
  let page: string | URL | undefined = `tags/list?n=${pageLength}`;
  while (page !== undefined) {
    const asked = { ...ask('GET', page, 'pull'), limit: longestPage };
    const answer: Answer = await persist(patience, (until) => session.send(asked, Math.min(until, end)));
    if (answer.status === 404) return tags;
    if (answer.status !== 200) throw await session.refusal(answer);
    tags.push(...readPage(answer));
    seen.add(answer.url.href);
    page = readNext(answer);
    if (page !== undefined && (seen.has(page.href) || seen.size === mostPages))
      throw invalidReply(`its list of tags does not end after ${seen.size} pages`, answer.name, answer.status);
  }
  return tags;
}

function readPage({ bytes, name, status }: Answer): readonly string[] {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw invalidReply('its list of tags is no JSON', name, status);
  }
  const tags = typeof body === 'object' && body !== null && 'tags' in body ? body.tags : undefined;
  if (tags === null) return []; // distribution's word for none
  if (!Array.isArray(tags)) throw invalidReply('its list of tags has no tags', name, status);
  return tags.map((tag: unknown) => {
    if (typeof tag !== 'string') throw invalidReply('a tag in its list is no text', name, status);
    return tag;
  });
}

// `<URL>; rel="next"` (RFC 8288), relative or whole, with or without quotes.
function readNext({ headers, url, name }: Answer): URL | undefined {
  const link = headers.get('link') ?? '';
  for (const [, target = '', parameters = ''] of link.matchAll(/<([^>]*)>([^<]*)/g))
    if (/;\s*rel\s*=\s*"?next\b/i.test(parameters)) return readLocation(target, url, name);
  return undefined;
}
