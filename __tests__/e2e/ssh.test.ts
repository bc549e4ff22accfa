import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openProject, runImage } from '../support/project.ts';
import '../support/python-images.ts';

/** What an agent says of a key: its public part, as it goes over the wire (RFC 4253, 6.6). */
function blobOf(key: KeyObject): Buffer {
  const { e = '', n = '' } = key.export({ format: 'jwk' });
  const field = (bytes: Buffer): Buffer => Buffer.concat([word(bytes.length), bytes]);
  const number = (text: string): Buffer => {
    const bytes = Buffer.from(text, 'base64url');
    return (bytes[0] ?? 0) < 128 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
  };
  return Buffer.concat([Buffer.from('ssh-rsa'), number(e), number(n)].map(field));
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** An agent that has one key and signs nothing. */
async function startAgent(path: string, blob: Buffer) {
  const answer = Buffer.concat([Buffer.of(12), word(1), word(blob.length), blob, word(0)]);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(Buffer.concat([word(answer.length), answer])));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

/** Prints the keys that the agent of a RUN has. */
const ask = `
import base64, os, socket, struct
agent = socket.socket(socket.AF_UNIX)
agent.connect(os.environ['SSH_AUTH_SOCK'])
agent.sendall(b'\\0\\0\\0\\1\\x0b')
file = agent.makefile('rb')
size, kind, count = struct.unpack('>IBI', file.read(9))
for _ in range(count):
    blob = file.read(struct.unpack('>I', file.read(4))[0])
    file.read(struct.unpack('>I', file.read(4))[0])
    print(base64.b64encode(blob).decode())
`;
const files = {
  Dockerfile: [
    'FROM python:3.11-slim',
    'COPY ask.py /',
    'RUN --mount=type=ssh,required=true python3 /ask.py > /keys',
    'RUN --mount=type=ssh,id=deploy,required=true python3 /ask.py >> /keys',
    'CMD ["cat", "/keys"]',
    '',
  ].join('\n'),
  'ask.py': `# ${randomUUID()}: an engine may have the keys of an earlier run${ask}`,
  '.dockerignore': '.git\n',
};

test('a RUN reaches the runner’s agent and a key in a file, each by its id', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-ssh-'));
  const [own, deploy] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  if (own === undefined || deploy === undefined) throw new Error('no keys');
  const [key, socket] = [join(folder, 'key'), join(folder, 'agent')];
  writeFileSync(key, deploy.privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const agent = await startAgent(socket, blobOf(own.publicKey));
  const project = await openProject(files);
  try {
    const inputs = { ssh: `default\ndeploy=${key}`, cache: 'none' };
    const run = await project.push('main', { inputs, env: { SSH_AUTH_SOCK: socket } });
    expect(run.receipt.error).toBeNull();
    const keys = [own, deploy].map(({ publicKey }) => `${blobOf(publicKey).toString('base64')}\n`);
    expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe(keys.join(''));
  } finally {
    await project.close();
    agent.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
