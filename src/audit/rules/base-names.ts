import { findStage } from '../../plan/dockerfile-stages.ts';
import { atLine, type DockerfileView, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, type Sighting } from '../finding.ts';
import { sourcesOf, type Written } from '../instruction.ts';
import type { Rule } from '../rule.ts';

/** How exactly the images that it is made from are named. */
export const baseNameRules: readonly Rule[] = [
  {
    id: 'base-tag-floating',
    stride: 'reproducible',
    severity: 'medium',
    title: 'A base image has no tag, or the tag latest',
    why: 'It is another image whenever its makers say so, the next major version too, and no commit of yours shows it.',
    remedy: 'FROM python:3.13-slim-trixie',
    ignoreWhen: 'the image is your own and latest is tested before it moves',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view) =>
        answerBy(
          imagesOf(view).flatMap(({ at, name }) =>
            /^(?:.*\/)?[^/:@]+(?::latest)?$/.test(name) ? [atLine(at, `${name} is whatever is newest`)] : [],
          ),
        ),
      ),
  },
  {
    id: 'base-tag-loose',
    stride: 'reproducible',
    severity: 'medium',
    title: 'The tag of a Python base leaves its version or its distribution open',
    why: '`python:3.13-slim` moved from bookworm to trixie overnight, and with it every system library and its version.',
    remedy: 'FROM python:3.13-slim-trixie',
    ignoreWhen: 'the image is built on nothing of the distribution',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view) =>
        answerBy(
          imagesOf(view).flatMap(({ at, name }): Sighting[] => {
            const tag = /^(?:(?:docker\.io\/)?(?:library\/)?)python:([^@]+)$/.exec(name)?.[1];
            if (tag === undefined || tag === 'latest' || tag.includes('$')) return [];
            if (!/^\d+\.\d+/.test(tag)) return [atLine(at, `${name} leaves the minor version open`)];
            return /(?:bookworm|trixie|bullseye|buster|forky|alpine\d+\.\d+|windowsservercore-\w+|nanoserver-\w+)$/.test(
              tag,
            )
              ? []
              : [atLine(at, `${name} leaves the distribution open`)];
          }),
        ),
      ),
  },
  {
    id: 'base-digest-pin',
    stride: 'reproducible',
    severity: 'info',
    title: 'A base image is not pinned by its digest',
    why: 'With a digest the base changes by a commit alone; without a bot that raises it, it also gets no security fixes.',
    remedy: 'FROM python:3.13-slim-trixie@sha256:DIGEST\n# and .github/dependabot.yml with package-ecosystem: docker',
    ignoreWhen: 'no bot raises the digest: a tag alone is better then',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view) =>
        answerBy(
          imagesOf(view).flatMap(({ at, name }) =>
            name.includes('@sha256:') || name.includes('$') ? [] : [atLine(at, `${name} has no digest`)],
          ),
        ),
      ),
  },
];

/** Images that the Dockerfile names, those of other stages' copies and mounts too; of a name with a variable the default is not known. */
function imagesOf({
  stages,
  contributing,
}: DockerfileView): readonly { readonly at: Written; readonly name: string }[] {
  return contributing.flatMap((stage) => {
    const at = stages.indexOf(stage);
    const named = [
      { at: stage.from, name: stage.from.words[0] ?? '' },
      ...stage.instructions.flatMap((one) => sourcesOf(one).map((name) => ({ at: one, name }))),
    ];
    return named.filter(
      ({ name }) =>
        name !== '' && name !== 'scratch' && !name.includes('$') && findStage(stages, name, at) < 0 && !isContext(name),
    );
  });
}

/** A name without any of a tag, a slash or a digest may be a further context of the build. */
function isContext(name: string): boolean {
  return (
    /^[a-z][\w-]*$/i.test(name) &&
    !/^(?:python|debian|ubuntu|alpine|node|golang|rust|busybox|fedora|nginx|redis|postgres|ruby|php|httpd|amazonlinux|rockylinux|almalinux)$/i.test(
      name,
    )
  );
}
