import { contradiction, invalidReply } from './exchange.ts';
import { type Answer, ask, type Question, readLocation } from './follow.ts';
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
    const read: Page | undefined = await persist(patience, (until) => readOnce(session, asked, Math.min(until, end)));
    if (read === undefined) return tags;
    tags.push(...read.tags);
    seen.add(read.answer.url.href);
    page = readNext(read.answer);
    if (page !== undefined && (seen.has(page.href) || seen.size === mostPages))
      throw invalidReply(
        `its list of tags does not end after ${seen.size} pages`,
        read.answer.name,
        read.answer.status,
      );
  }
  return tags;
}

interface Page {
  readonly answer: Answer;
  readonly tags: readonly string[];
}

async function readOnce(session: Session, asked: Question, until: number): Promise<Page | undefined> {
  const answer = await session.send(asked, until);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw await session.refusal(answer);
  return { answer, tags: readPage(answer) };
}

function readPage(answer: Answer): readonly string[] {
  const { bytes } = answer;
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw contradiction('its list of tags is no JSON', answer);
  }
  const tags = typeof body === 'object' && body !== null && 'tags' in body ? body.tags : undefined;
  if (tags === null) return []; // distribution's word for none
  if (!Array.isArray(tags)) throw contradiction('its list of tags has no tags', answer);
  return tags.map((tag: unknown) => {
    if (typeof tag !== 'string') throw contradiction('a tag in its list is no text', answer);
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
