import { describe, expect, test } from '@jest/globals';
import { parseRepository } from '../../src/model/image-ref.ts';
import { planDestinations } from '../../src/plan/destinations.ts';
import type { Role } from '../../src/plan/rights.ts';

const [app, mirror, prod, shield] = ['ghcr.io/acme/app', 'quay.io/acme/app', 'ghcr.io/acme/prod', 'quay.io/acme/prod'];

function plan(role: Role, image: readonly string[], shielded: readonly string[] = []) {
  const [repositories, protectedRepositories] = [image.map(parseRepository), shielded.map(parseRepository)];
  const { image: written, cache } = planDestinations({ repositories, protectedRepositories }, role);
  return { image: written.map(({ name }) => name), cache: cache.name };
}

describe('where a role writes, and where main’s cache lies', () => {
  test.each<[Role, readonly string[], readonly string[], readonly string[], string]>([
    ['main', [app], [], [app], app],
    ['branch', [app, mirror], [], [app, mirror], app],
    ['main', [app], [prod], [prod], prod],
    ['release', [app, mirror], [prod, shield], [prod, shield], prod],
    ['branch', [app, mirror], [prod], [app, mirror], prod],
    ['pull-request', [app], [prod], [app], prod],
    ['untrusted', [app], [prod], [app], prod],
    ['test-only', [app], [prod], [app], prod],
    ['main', [app, app, mirror], [], [app, mirror], app],
  ])('%s of %j and %j: %j', (role, image, shielded, written, cache) => {
    expect(plan(role, image, shielded)).toEqual({ image: written, cache });
  });
});

test.each<Role>(['main', 'branch', 'untrusted'])('a repository in both inputs is an error for %s', (role) => {
  expect(() => plan(role, [app, mirror], [prod, 'QUAY.io/acme/App'])).toThrow(
    /^protected-image: "quay\.io\/acme\/app" is in `image` too/,
  );
});
