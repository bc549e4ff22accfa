import { type Answer, answerBy, type Sighting, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import { atFile } from '../image-files.ts';
import type { Rule } from '../rule.ts';

/** Who else is in the image, and by which way. */
export const accountRules: readonly Rule[] = [
  {
    id: 'empty-password',
    stride: 'secure',
    severity: 'high',
    title: 'An account of the image has no password',
    why: 'An empty password is one that everybody knows: `su` to that account asks for none.',
    remedy: 'RUN passwd -l NAME',
    ignoreWhen: 'the image can hold no program that asks for a password',
    needs: 'image',
    judge: judgePasswords,
  },
  {
    id: 'duplicate-uid-gid',
    stride: 'secure',
    severity: 'low',
    title: 'Two accounts of the image share a number',
    why: 'To the kernel they are one: what one may read, the other may.',
    remedy: 'RUN useradd --uid 10001 app',
    ignoreWhen: 'the second name is meant as another name of the first',
    needs: 'image',
    judge: (facts) => {
      const sightings = ['/etc/passwd', '/etc/group'].flatMap((path) => findShared(facts, path));
      return answerBy(sightings);
    },
  },
  {
    id: 'sudo-used',
    stride: 'secure',
    severity: 'medium',
    title: 'The image holds sudo',
    why: 'A way from the application’s user back to root, in an image that needs none: USER switches while it is built.',
    remedy: 'USER root\nRUN apt-get update && apt-get install -y --no-install-recommends PACKAGE\nUSER 10001',
    ignoreWhen: 'people work in the container',
    needs: 'image',
    judge: ({ tree }) =>
      answerBy(
        ['/usr/bin/sudo', '/usr/local/bin/sudo', '/usr/bin/doas'].flatMap((path) => {
          const entry = tree.at(path);
          return entry === undefined ? [] : [atFile({ path, layer: entry.layer }, `${path} is there`)];
        }),
      ),
  },
  {
    id: 'remote-admin-in-image',
    stride: 'secure',
    severity: 'medium',
    title: 'The image holds a server for remote logins',
    why: 'A second way in, with keys and patches of its own; `docker exec` and `kubectl exec` do the same with neither.',
    remedy: '# leave openssh-server out, and look into a container by\ndocker exec -it CONTAINER sh',
    ignoreWhen: 'the image is there to be logged in to',
    needs: 'image',
    judge: ({ tree }) =>
      answerBy(
        [
          '/usr/sbin/sshd',
          '/usr/sbin/in.telnetd',
          '/usr/sbin/telnetd',
          '/usr/sbin/xinetd',
          '/usr/sbin/dropbear',
        ].flatMap((path) => {
          const entry = tree.resolve(path)?.entry;
          // busybox has a telnetd in it that nobody starts
          if (entry === undefined || tree.resolve(path)?.path.endsWith('/busybox')) return [];
          return [atFile({ path, layer: entry.layer }, `${path} is there`)];
        }),
      ),
  },
];

function judgePasswords({ tree }: ImageFacts): Answer {
  const found: Sighting[] = [];
  for (const path of ['/etc/passwd', '/etc/shadow']) {
    const place = tree.resolve(path);
    if (place?.entry.kind !== 'file' || place.entry.size === 0) continue;
    const text = textOf(place.entry.content);
    if (text === undefined) return unknownBecause(`${path} was not read`);
    for (const [name = '', password, ...rest] of text.split('\n').map((line) => line.split(':')))
      if (name !== '' && password === '' && rest.length > 0)
        found.push(atFile({ path, layer: place.entry.layer }, `the password of ${JSON.stringify(name)} is empty`));
  }
  return answerBy(found);
}

function findShared({ tree }: ImageFacts, path: string): readonly Sighting[] {
  const place = tree.resolve(path);
  const names = new Map<string, string>();
  return (textOf(place?.entry.content) ?? '').split('\n').flatMap((line) => {
    const [name = '', , id = ''] = line.split(':');
    if (!/^\d+$/.test(id) || name.startsWith('#')) return [];
    const other = names.get(id);
    names.set(id, other ?? name);
    if (other === undefined || other === name) return [];
    return [
      atFile(
        { path, layer: place?.entry.layer ?? 0 },
        `${JSON.stringify(other)} and ${JSON.stringify(name)} are both number ${id}`,
      ),
    ];
  });
}
