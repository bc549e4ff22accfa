// A bridge for an engine that runs beside another one: two engines that both manage rules sweep each other's away, so this one
// manages none and these few are ours.

import { finish, run } from './process.mjs';

/** @typedef {{ bridge: string, subnet: string }} Network `subnet`: the first three numbers of a /24 */

const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** Makes bridge and rules where they are not there. @param {Network | undefined} network */
export async function ensureNetwork(network) {
  if (network === undefined) return;
  const { bridge, subnet } = network;
  if (!(await succeeds(['ip', 'link', 'show', 'dev', bridge]))) {
    await run(['ip', 'link', 'add', bridge, 'type', 'bridge'], { env: ENV });
    await run(['ip', 'addr', 'add', `${subnet}.1/24`, 'dev', bridge], { env: ENV });
  }
  await run(['ip', 'link', 'set', bridge, 'up'], { env: ENV });
  for (const { table, chain, rule } of rulesOf(network)) {
    if (await succeeds(['iptables', '--wait', '-t', table, '-C', chain, ...rule])) continue;
    await run(['iptables', '--wait', '-t', table, '-I', chain, ...rule], { env: ENV });
  }
}

/** Removes what `ensureNetwork` made. @param {Network | undefined} network */
export async function removeNetwork(network) {
  if (network === undefined) return;
  for (const { table, chain, rule } of rulesOf(network))
    await finish(['iptables', '--wait', '-t', table, '-D', chain, ...rule], { env: ENV });
  if (await succeeds(['ip', 'link', 'show', 'dev', network.bridge]))
    await run(['ip', 'link', 'delete', network.bridge], { env: ENV });
}

/** Where another engine runs, its policy drops what no rule of its own lets through. @param {Network} network */
function rulesOf({ bridge, subnet }) {
  return [
    {
      table: 'nat',
      chain: 'POSTROUTING',
      rule: ['-s', `${subnet}.0/24`, '!', '-o', bridge, '-j', 'MASQUERADE'],
    },
    { table: 'filter', chain: 'FORWARD', rule: ['-i', bridge, '-j', 'ACCEPT'] },
    { table: 'filter', chain: 'FORWARD', rule: ['-o', bridge, '-j', 'ACCEPT'] },
  ];
}

/** @param {string[]} argv */
async function succeeds(argv) {
  return (await finish(argv, { env: ENV })).code === 0;
}
