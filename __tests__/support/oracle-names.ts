/** Numbers from a seed, so that a failing case can be made again (mulberry32). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const words =
  'main Main master latest stable prod sha tag cache pr pr-7 sha-0123456789ab tag-x cache-main branch v1 1.4 1.4.2 v1.4.2-rc.1 1.4rc1 feature fix x y a b - -- / // . .. _ , ; $ @ # + ! ~ 日本 é 🚀 \u200b \ufeff \u00a0 \ud800 \udc00 \ufffd -0123456789abcdef 0123456789abcdef refs/heads/ refs/tags/ --help \n \0'
    .split(' ')
    .concat([' ']);

/** A name of up to six parts that mean something to some tool. */
export function nameFrom(random: (below: number) => number): string {
  let name = '';
  for (let parts = 1 + random(6); parts > 0; parts--) {
    const kind = random(12);
    if (kind === 0) name += String.fromCharCode(random(0x1_0000));
    else if (kind === 1) name += 'x'.repeat(random(60));
    else name += words[random(words.length)];
  }
  return name;
}

/** Another name that tools have taken for the first: `tags` are the tags of the first one. */
export function neighbourOf(name: string, tags: readonly string[], random: (below: number) => number): string {
  const at = random(name.length + 1);
  const [tag = ''] = tags;
  const edits = [
    () => `${name.slice(0, at)}-${name.slice(at)}`,
    () => `${name.slice(0, at)}/${name.slice(at)}`,
    () => `${name.slice(0, at)}\u200b${name.slice(at)}`,
    () => name.slice(0, at) + name.slice(at + 1),
    () => name.slice(0, at) + String.fromCharCode(random(0x1_0000)) + name.slice(at + 1),
    () => name.replaceAll('/', '-'),
    () => name.replaceAll('/', '--'),
    () => name.replaceAll('-', '/'),
    () => name.replaceAll('--', '/'),
    () => name.replaceAll(/[^A-Za-z0-9._-]+/g, '-'),
    () => name.replace('/', ','),
    () => name.toUpperCase(),
    () => name.toLowerCase(),
    () => name.trim(),
    () => name.normalize('NFKC'),
    () => name.slice(0, 96),
    () => name.slice(0, 40),
    () => tag,
    () => tag.replaceAll('--', '/'),
    () => tag.replace(/^branch-/, ''),
    () => `branch-${tag}`,
    () => tag.slice(0, -17),
    () => tag.toUpperCase(),
    () => `refs/heads/${name}`,
    () => `${name}-`,
  ];
  return edits[random(edits.length)]?.() ?? name;
}
