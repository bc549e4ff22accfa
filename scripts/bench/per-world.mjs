/** @typedef {import('./world.mjs').World} World */

/** What is made once in each world, when it is first asked for: what another engine's bench made went with its world.
 * @template T @param {(world: World) => Promise<T>} make @returns {(world: World) => Promise<T>} */
export function perWorld(make) {
  /** @type {WeakMap<World, Promise<T>>} */
  const made = new WeakMap();
  return (world) => {
    const making = made.get(world) ?? make(world);
    made.set(world, making);
    return making;
  };
}
