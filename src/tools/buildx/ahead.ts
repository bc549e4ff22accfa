import type { PluginStart, StartedPlugin } from './start.ts';

/** A plugin that was started before it was known what is to be built, and whether anything is. */
export interface PluginAhead {
  /** The plugin, where it was started with just this; else it is ended. Only the first who asks can have it. */
  readonly take: (start: PluginStart) => StartedPlugin | undefined;
  /** Ends it where nobody has taken it. */
  readonly dismiss: () => void;
}

/** Keeps a plugin for whoever needs it first. */
export function keepAhead(start: PluginStart, plugin: StartedPlugin): PluginAhead {
  let kept: StartedPlugin | undefined = plugin;
  const release = (): StartedPlugin | undefined => {
    const released = kept;
    kept = undefined;
    return released;
  };
  return {
    take: (wanted) => {
      const released = release();
      if (released === undefined || isSame(wanted, start)) return released;
      released.dismiss();
      return undefined;
    },
    dismiss: () => release()?.dismiss(),
  };
}

function isSame(one: PluginStart, other: PluginStart): boolean {
  return JSON.stringify([one.args, one.attested]) === JSON.stringify([other.args, other.attested]);
}
