import { expect, test } from '@jest/globals';
import { startRegistry } from '../../scripts/testbed/registry.mjs';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { openHttp } from '../../src/tools/http/http.ts';
import { openRegistry } from '../../src/tools/registry/open-registry.ts';
import { testOptions } from './worlds.ts';

test.each(['before the first request', 'between two requests'])(
  'a registry that is down %s is waited for',
  async (when) => {
    const real = await startRegistry();
    const http = openHttp();
    try {
      const options = testOptions({ kind: 'none' }, http);
      let pauses = 0;
      const clock = {
        ...options.clock,
        sleep: async () => {
          if (++pauses === 2) await real.start();
        },
      };
      const registry = openRegistry(parseRepository(`${real.host}/acme/app`), { ...options, clock });
      if (when === 'between two requests') await registry.tags();
      await real.stop();
      expect(await registry.head(parseTag('main'))).toBeUndefined();
      expect(pauses).toBe(2);
    } finally {
      http.close();
      await real.remove();
    }
  },
);
