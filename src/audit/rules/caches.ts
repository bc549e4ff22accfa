import { answerBy, type Sighting } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { atFile, formatMegabytes, shippedFiles } from '../image-files.ts';
import type { Rule } from '../rule.ts';

/** Lists, archives and caches of installers that ship. */
export const cacheRules: readonly Rule[] = [
  {
    id: 'apt-lists',
    stride: 'small',
    severity: 'low',
    title: 'The lists or archives of a package manager are in a layer',
    why: 'About 20 MB of lists that are old tomorrow; what a later RUN removes ships all the same.',
    remedy:
      'RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \\\n    apt-get update && apt-get install -y --no-install-recommends PACKAGE',
    ignoreWhen: 'packages are installed in the running container',
    needs: 'image',
    judge: (facts) =>
      answerBy(
        sumByLayer(
          facts,
          /^\/var\/(?:lib\/apt\/lists\/(?!lock$|partial\/|auxfiles)|cache\/apt\/(?:archives\/[^/]+\.deb$|.*\.bin$)|cache\/apk\/.+|cache\/(?:dnf|yum|zypp)\/)/,
          'of a package manager',
        ),
      ),
  },
  {
    id: 'pip-cache-in-layer',
    stride: 'small',
    severity: 'medium',
    title: 'The cache of an installer is in a layer',
    why: 'Every package ships twice: installed, and as the archive that it came from, for an installation that never happens.',
    remedy: 'RUN --mount=type=cache,target=/root/.cache pip install -r requirements.txt',
    ignoreWhen: 'packages are installed in the running container',
    needs: 'image',
    judge: (facts) =>
      answerBy(
        sumByLayer(
          facts,
          /\/\.cache\/(?:pip|uv|pypoetry|pipenv|pdm|npm|yarn)\/.|\/\.npm\/_cacache\/.|^\/(?:opt|root|usr\/local)\/(?:mini|ana|mamba)?(?:conda|forge)\d*\/pkgs\/.+\.(?:conda|tar\.bz2)$/,
          'of an installer’s cache',
        ),
      ),
  },
];

/** One sighting a layer, from 100 kB on: an empty cache is none. */
function sumByLayer(facts: ImageFacts, wanted: RegExp, what: string): readonly Sighting[] {
  const sums = new Map<number, { bytes: number; path: string; largest: number }>();
  for (const { path, entry, layer } of shippedFiles(facts)) {
    if (entry.kind !== 'file' || !wanted.test(path)) continue;
    const sum = sums.get(layer) ?? { bytes: 0, path, largest: 0 };
    sum.bytes += entry.size;
    if (entry.size > sum.largest) [sum.path, sum.largest] = [path, entry.size];
    sums.set(layer, sum);
  }
  return [...sums].flatMap(([layer, { bytes, path }]) =>
    bytes < 100_000 || facts.layers[layer]?.from === 'base'
      ? []
      : [atFile({ path, layer }, `${formatMegabytes(bytes)} ${what}, ${path} the largest`)],
  );
}
