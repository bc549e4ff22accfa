import type { ImageConfig } from '../../model/image-config.ts';

/** What an image says of how it is run, beyond its command, in the form in which probes need it. */
export interface Declared {
  /** TCP ports of EXPOSE. */
  readonly exposed: readonly number[];
  readonly stopSignal: string;
  /** Undefined where it has none, or switched its base's off. */
  readonly health: HealthTest | undefined;
}

export interface HealthTest {
  readonly program: readonly string[];
  /** As the image has it. */
  readonly text: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What the engine takes where an image does not say (Docker's image specification 1.2). */
const usualTimeout = 30_000;

export function readDeclared({
  exposedPorts,
  stopSignal,
  healthcheck,
  shell,
}: Pick<ImageConfig, 'exposedPorts' | 'stopSignal' | 'healthcheck' | 'shell'>): Declared {
  return {
    exposed: exposedPorts.flatMap(readPorts),
    stopSignal: stopSignal || 'SIGTERM',
    health:
      healthcheck === undefined ? undefined : readTest(healthcheck, shell.length === 0 ? ['/bin/sh', '-c'] : shell),
  };
}

/** `8000/tcp`, `8000`, `8000-8002/tcp`. */
function readPorts(port: string): readonly number[] {
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/tcp)?$/.exec(port) ?? [];
  if (from === undefined) return [];
  const count = Math.min(Math.max(Number(to ?? from) - Number(from) + 1, 1), 100);
  return Array.from({ length: count }, (_, at) => Number(from) + at);
}

function readTest(
  { test, timeout }: NonNullable<ImageConfig['healthcheck']>,
  shell: readonly string[],
): HealthTest | undefined {
  const [kind, ...words] = test;
  if (words.length === 0 || (kind !== 'CMD' && kind !== 'CMD-SHELL')) return undefined;
  const program = kind === 'CMD' ? words : [...shell, words.join(' ')];
  return { program, text: test.join(' ').slice(0, 300), timeout: timeout || usualTimeout };
}
