// bcrypt, because a registry's password file takes nothing else and no tool for it is on every machine.

import { randomBytes } from 'node:crypto';

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const COST = 4; // the least bcrypt allows: the secrets are a test's own
const P_WORDS = 18;
const S_WORDS = 4 * 256;

/** @typedef {{ p: Uint32Array, s: Uint32Array }} Blowfish */

/** A line for a registry's password file. @param {{ username: string, password: string }} account */
export function htpasswdLine({ username, password }) {
  return `${username}:${bcrypt(password)}\n`;
}

/** The bcrypt hash of a password in its usual spelling. @param {string} password */
export function bcrypt(password, salt = randomBytes(16)) {
  const key = wordsOf(Buffer.concat([Buffer.from(password, 'utf8').subarray(0, 72), Buffer.from([0])]), P_WORDS);
  const salted = wordsOf(salt, P_WORDS);
  const cipher = initialState();
  expandKey(cipher, key, wordsOf(salt, 4));
  for (let round = 0; round < 2 ** COST; round += 1) {
    expandKey(cipher, key, new Uint32Array(4));
    expandKey(cipher, salted, new Uint32Array(4));
  }
  return `$2y$${String(COST).padStart(2, '0')}$${encode(salt)}${encode(encipherMagic(cipher).subarray(0, 23))}`;
}

/** @param {Blowfish} cipher */
function encipherMagic(cipher) {
  const text = wordsOf(Buffer.from('OrpheanBeholderScryDoubt'), 6);
  for (let at = 0; at < 6; at += 2) {
    for (let round = 0; round < 64; round += 1) encryptPair(cipher, text, at);
  }
  const bytes = Buffer.alloc(24);
  for (const [index, word] of text.entries()) bytes.writeUInt32BE(word, index * 4);
  return bytes;
}

/** @param {Blowfish} cipher @param {Uint32Array} key @param {Uint32Array} salt */
function expandKey(cipher, key, salt) {
  for (let index = 0; index < P_WORDS; index += 1) cipher.p[index] ^= key[index];
  const pair = new Uint32Array(2);
  let turn = 0;
  for (const table of [cipher.p, cipher.s]) {
    for (let index = 0; index < table.length; index += 2) {
      pair[0] ^= salt[turn];
      pair[1] ^= salt[turn + 1];
      turn = (turn + 2) % 4;
      encryptPair(cipher, pair, 0);
      table.set(pair, index);
    }
  }
}

/** @param {Blowfish} cipher @param {Uint32Array} words @param {number} at */
function encryptPair({ p, s }, words, at) {
  let left = words[at];
  let right = words[at + 1];
  for (let round = 0; round < 16; round += 1) {
    left ^= p[round];
    const mixed =
      (((s[left >>> 24] + s[256 + ((left >>> 16) & 255)]) ^ s[512 + ((left >>> 8) & 255)]) + s[768 + (left & 255)]) | 0;
    [left, right] = [right ^ mixed, left];
  }
  words[at] = right ^ p[17];
  words[at + 1] = left ^ p[16];
}

/** Big-endian words of the bytes, read round and round. @param {Uint8Array} bytes @param {number} count */
function wordsOf(bytes, count) {
  return Uint32Array.from({ length: count }, (_, word) =>
    [0, 1, 2, 3].reduce((sum, byte) => (sum << 8) | bytes[(word * 4 + byte) % bytes.length], 0),
  );
}

/** @type {Uint32Array | undefined} */
let piWords;

/** Blowfish begins with the fraction of pi, so that its tables need not be written down. @returns {Blowfish} */
function initialState() {
  piWords ??= computePiWords(P_WORDS + S_WORDS);
  return { p: piWords.slice(0, P_WORDS), s: piWords.slice(P_WORDS) };
}

/** @param {number} count */
function computePiWords(count) {
  const bits = BigInt(count * 32);
  const guard = 64n;
  const one = 1n << (bits + guard);
  const pi = 4n * (4n * arctanOfInverse(5n, one) - arctanOfInverse(239n, one));
  const hex = ((pi - 3n * one) >> guard).toString(16).padStart(count * 8, '0');
  return Uint32Array.from({ length: count }, (_, index) => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16));
}

/** @param {bigint} inverse @param {bigint} one */
function arctanOfInverse(inverse, one) {
  let power = one / inverse;
  let sum = 0n;
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += (odd % 4n === 1n ? power : -power) / odd;
    power /= inverse * inverse;
  }
  return sum;
}

/** @param {Uint8Array} bytes */
function encode(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first, second, third] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    text += ALPHABET[first >> 2] + ALPHABET[((first & 3) << 4) | ((second ?? 0) >> 4)];
    if (second !== undefined) text += ALPHABET[((second & 15) << 2) | ((third ?? 0) >> 6)];
    if (third !== undefined) text += ALPHABET[third & 63];
  }
  return text;
}
