import type { Brand } from './brand.ts';

/** What an image runs on, in its one spelling, as registries write it: `linux/amd64`, `linux/arm64`, `linux/arm/v7`. */
export type Platform = Brand<string, 'Platform'>;

/** Other names of architectures, as `uname -m` and packagers have them. */
const aliases: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  i686: '386',
  armhf: 'arm/v7',
  armv7l: 'arm/v7',
  armel: 'arm/v6',
  armv6l: 'arm/v6',
};
/** Variants that an architecture has where none is said. */
const usual: Readonly<Record<string, string>> = { 'arm64/v8': 'arm64', 'arm64/8': 'arm64', 'amd64/v1': 'amd64' };

/** Reads a platform in any of its usual spellings (github.com/containerd/platforms, "Normalization").
 * @throws Error where it is none that containers of Linux have. */
export function parsePlatform(text: string): Platform {
  const [, name = '', variant = ''] = /^linux\/([a-z0-9_-]+)(?:\/(v?[0-9]+))?$/.exec(text.trim().toLowerCase()) ?? [];
  if (name === '') throw new Error('a platform is needed, e.g. linux/amd64, linux/arm64 or linux/arm/v7');
  const known = aliases[name] ?? name;
  const full = variant === '' ? known : `${known.split('/')[0]}/${variant}`;
  const numbered = full.replace(/^arm\/(?=\d)/, 'arm/v');
  return `linux/${usual[numbered] ?? (numbered === 'arm' ? 'arm/v7' : numbered)}` as Platform;
}

/** The platform that somebody else's text names; undefined where that is none. */
export function findPlatform(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch {
    return undefined; // windows, say
  }
}

/** What begins a line about one of several images; empty where no platform is asked for. */
export function aboutPlatform(platform: Platform | undefined): string {
  return platform === undefined ? '' : `${platform}: `;
}

/** A platform as part of a name: `linux-arm-v7`. */
export function namePlatform(platform: Platform): string {
  return platform.replaceAll('/', '-');
}

/** Whether a machine of one platform runs programs of another by itself, without emulation. */
export function runsNatively(platform: Platform, machine: Platform): boolean {
  const [wanted, has] = [platform, machine].map((one) => one.split('/')[1]);
  return wanted === has || (wanted === '386' && has === 'amd64');
}
