import type { InputReader } from './reader.ts';

/** A path of the workspace: the main context is never fetched from elsewhere. */
export function readContext(read: InputReader): string {
  const value = read.text('context') ?? '.';
  if (/^[a-z][a-z0-9+.-]*:\/\/|^git@|^github\.com\/|\.git(?:#|$)/i.test(value))
    read.problem(
      'context',
      value,
      'a path in the workspace is needed: what the tests saw is what is built; check the repository out first',
    );
  return value;
}

/** `name=path`, `name=docker-image://…`, or `name=` and a git or HTTP URL; names are spelled as the Dockerfile frontend looks for them. */
export function readBuildContexts(read: InputReader): ReadonlyMap<string, string> {
  const contexts = new Map<string, string>();
  for (const one of read.list('build-contexts', 'keep')) {
    const [name = '', value = ''] = one.split(/=(.*)/s);
    const spelled = name.replace(/^(?:docker\.io\/)?(?:library\/)?/, '').replace(/:latest$/, '');
    const rule = nameRule(spelled) ?? valueRule(value);
    if (rule !== undefined) read.problem('build-contexts', one, rule);
    else if (contexts.has(spelled)) read.problem('build-contexts', name, 'it is given twice');
    else contexts.set(spelled, value);
  }
  return contexts;
}

/** Tells whether a build context is fetched by the builder, and no folder of this machine. */
export function isRemoteContext(value: string): boolean {
  return /^(?:docker-image|https?|git|ssh):\/\/|^git@|^github\.com\//.test(value);
}

const addressRule = 'a path, docker-image://…, or a git or HTTP URL is needed';

function nameRule(name: string): string | undefined {
  if (/^[a-z0-9]+(?:[._/:@-]+[a-zA-Z0-9]+)*$/.test(name) && name.length <= 255) return undefined;
  return 'name=path is needed, the name in lower case as in FROM or COPY --from, one a line';
}

function valueRule(value: string): string | undefined {
  if (value === '') return 'name=path, name=docker-image://… or name=https://… is needed';
  const address = value.replace(/^[a-z-]+:\/\//, '');
  const isRight = isRemoteContext(value)
    ? /^[\u0021-\u007e]+$/.test(address)
    : !/^(?:[a-z][a-z0-9+.-]*:\/\/|target:)/i.test(value);
  return isRight ? undefined : addressRule;
}
