import { Readable } from 'node:stream';
import type { Repository } from '../../model/image-ref.ts';
import { RegistryError } from '../../model/registry.ts';
import type { HttpStream } from '../http/http.ts';
import type { Authorizer } from './auth.ts';
import { openDoor } from './door.ts';
import { type Exchanging, exchangeOnce, exchangeUnread, invalidReply, refusal } from './exchange.ts';
import {
  type Answer,
  follow,
  type Line,
  type Placed,
  type Question,
  type RegistryOptions,
  timeLeft,
} from './follow.ts';
import type { TokenLimits } from './token.ts';

/** Sends single requests to one repository: finds the registry, logs in, follows redirects. No retries.
 * @throws PassingFault, RegistryError, ActionError `cancelled`. */
export interface Session {
  readonly repository: Repository;
  send(question: Question, until: number): Promise<Answer>;
  /** Sends a question whose answer is read as it comes: `idle` milliseconds at most between two pieces. The stream is undefined
   * where the answer is not what was asked for. */
  open(question: Question, idle: number, until: number): Promise<OpenAnswer>;
  /** The error that an answer amounts to; a good login without the right is `forbidden`, whatever the status. */
  refusal(answer: Answer): Promise<RegistryError>;
  hasLogin(): Promise<boolean>;
}

/** An answer under way. */
export interface OpenAnswer {
  readonly answer: Answer;
  readonly stream: HttpStream | undefined;
}

/** Opens a session; nothing is sent yet. */
export function openSession(repository: Repository, options: RegistryOptions): Session {
  const { registry, path } = repository;
  const { endpoint, authorizer } = options.door ?? openDoor(repository, options);
  const exchangeWith = async (exchange: Exchanging, question: Question, until: number): Promise<Answer> => {
    const shown = question.path instanceof URL ? question.path.pathname.slice(1) : `v2/${path}/${question.path}`;
    const name = { registry, request: `${question.method} ${shown.replace(/\?.*/, '')}` };
    const place = await endpoint(timeLeft({ options, name, until }));
    const line = { options, endpoint: place, name, until, exchange };
    const url = question.path instanceof URL ? question.path : new URL(`/v2/${path}/${question.path}`, place.base);
    return converse(line, authorizer, { ...question, path: url });
  };
  return {
    repository,
    send: (question, until) => exchangeWith(exchangeOnce, question, until),
    open: async (question, idle, until) => {
      let stream: HttpStream | undefined;
      const take = (taken: HttpStream): void => {
        stream = taken;
      };
      const answer = await exchangeWith(exchangeUnread(take, idle), question, until);
      return { answer, stream };
    },
    refusal: async (answer) => {
      const error = refusal(answer, answer.name);
      if (error.kind !== 'unauthorized') return error;
      const at = { registry, request: answer.name.request, status: answer.status, cause: error };
      if (!(await authorizer.hasLogin()))
        return new RegistryError('unauthorized', 'it asks for a login, and there is none', at);
      const narrow = /error\s*=\s*"?insufficient_scope/i.test(answer.headers.get('www-authenticate') ?? '');
      return narrow
        ? new RegistryError('forbidden', 'the login has no right to this', at)
        : new RegistryError('unauthorized', 'it refuses the login: the password is wrong or has expired', at);
    },
    hasLogin: () => authorizer.hasLogin(),
  };
}

// Once with what is known, and after a 401 once with a new proof; a token that has expired before its first use is replaced as well.
async function converse(line: Line, authorizer: Authorizer, question: Placed): Promise<Answer> {
  const { options, endpoint, name } = line;
  const { origin } = endpoint.base;
  if (question.path.origin !== origin)
    throw invalidReply(`it sends its client to another host, ${question.path.host}`, name, undefined);
  const limits = (): TokenLimits => ({ deadline: timeLeft(line), cancel: options.cancel, endpoint });
  const first = await authorizer.current(question.access, limits());
  let sent = first;
  for (let renewals = 0; ; renewals++) {
    const answer = await follow(line, question, sent);
    if (question.body instanceof Readable) return answer; // it is read by now
    const enough = renewals === 2 || (renewals === 1 && (first !== undefined || !isExpired(answer)));
    if (answer.status !== 401 || answer.url.origin !== origin || enough) return answer;
    const renewed = await authorizer.renew(question.access, { reply: answer, sent, name }, limits());
    if (renewed === undefined || renewed === sent) return answer;
    sent = renewed;
  }
}

/** RFC 6750, 3.1: the token is expired, revoked or malformed. */
function isExpired({ headers }: Answer): boolean {
  return /error\s*=\s*"?invalid_token/i.test(headers.get('www-authenticate') ?? '');
}
