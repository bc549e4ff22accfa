/** What `${{ … }}` may name: `github`, `secrets`, `steps`, `needs`, `env`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** A text with its `${{ … }}` replaced, as the runner does it. */
export function interpolate(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => toText(evaluate(inner, contexts)));
}

/** Whether an `if:` holds; without a status function it asks for success. */
export function holds(condition: string | undefined, contexts: Contexts, green: boolean): boolean {
  if (condition === undefined) return green;
  const inner = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition)?.[1] ?? condition;
  const result = isTrue(evaluate(inner, { ...contexts, ' green': green }));
  return /\b(?:always|failure|success|cancelled)\(/.test(inner) ? result : green && result;
}

/** Evaluates the part of GitHub's expressions that our documents use.
 * @throws Error for anything else: then this test bench has to learn it. */
function evaluate(text: string, contexts: Contexts): unknown {
  const tokens = text.match(/'(?:[^']|'')*'|[\w.-]+|==|!=|&&|\|\||[!(),]|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new Error(`the test bench cannot evaluate ${text} (at ${tokens[at] ?? 'its end'})`);
  };
  const take = (token: string): boolean => tokens[at] === token && ++at > 0;
  const value = (): unknown => {
    if (take('!')) return !isTrue(value());
    if (take('(')) {
      const inner = either();
      return take(')') ? inner : fail();
    }
    const token = tokens[at++] ?? fail();
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^-?\d+$/.test(token)) return Number(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (!/^[A-Za-z_][\w.-]*$/.test(token)) return fail();
    return take('(') ? call(token, parameters()) : lookUp(token, contexts);
  };
  const parameters = (): unknown[] => {
    const found: unknown[] = [];
    while (!take(')')) {
      found.push(either());
      if (!take(',') && tokens[at] !== ')') fail();
    }
    return found;
  };
  const call = (name: string, [first, second]: readonly unknown[]): unknown => {
    switch (name) {
      case 'always':
        return true;
      case 'success':
        return contexts[' green'];
      case 'failure':
        return contexts[' green'] === false;
      case 'startsWith':
        return toText(first).toLowerCase().startsWith(toText(second).toLowerCase());
      case 'format':
        return toText(first).replace('{0}', () => toText(second));
      default:
        return fail();
    }
  };
  const equal = (): unknown => {
    const left = value();
    if (take('==')) return toText(left).toLowerCase() === toText(value()).toLowerCase();
    if (take('!=')) return toText(left).toLowerCase() !== toText(value()).toLowerCase();
    return left;
  };
  const both = (): unknown => {
    let left = equal();
    while (take('&&')) {
      const right = equal();
      left = isTrue(left) ? right : left;
    }
    return left;
  };
  const either = (): unknown => {
    let left = both();
    while (take('||')) {
      const right = both();
      left = isTrue(left) ? left : right;
    }
    return left;
  };
  const result = either();
  return at === tokens.length ? result : fail();
}

function lookUp(path: string, contexts: Contexts): unknown {
  const [root = ''] = path.split('.');
  if (!Object.hasOwn(contexts, root)) throw new Error(`the test bench has no context ${root}, for ${path}`);
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
      contexts,
    );
}

function isTrue(value: unknown): boolean {
  return value !== '' && value !== 0 && value !== false && value !== undefined && value !== null;
}

function toText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  throw new Error('the test bench makes no text of objects');
}
