import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, type MadeFile, type MadeImage, python313 } from './made-image.ts';

/** Projects of different styles that a maintainer would call well made: a folder each. Those that need no network to be built are not here:
 * contract/checks-well-made builds them. */
const wellMadeFolder = '__tests__/fixtures/checks';

/** Dockerfile, ignore file and build context of one. */
export function readProject(name: string): Pick<MadeImage, 'dockerfile' | 'ignore' | 'context'> {
  const folder = join(wellMadeFolder, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
  const texts = new Map(files.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
  const [dockerfile, ignore] = [texts.get('Dockerfile') ?? '', texts.get('.dockerignore') ?? ''];
  return { dockerfile, ignore, context: Object.fromEntries([...texts].filter(([path]) => path !== '.dockerignore')) };
}

/** A virtual environment with packages that pip, or what stands for it, has compiled. */
function venv(folder: string, packages: Readonly<Record<string, string>>, python = '3.13'): Record<string, MadeFile> {
  const site = `${folder}/lib/python${python}/site-packages`;
  const tag = `cpython-${python.replace('.', '')}`;
  const files = Object.entries(packages).flatMap(([name, version]) => {
    const module = name.replaceAll('-', '_');
    return [
      ...Object.entries(installed(name, version, site)),
      [`${site}/${module}/__init__.py`, 'x = 1\n'],
      [`${site}/${module}/__pycache__/__init__.${tag}.pyc`, { size: 100 }],
    ] as [string, MadeFile][];
  });
  return {
    [`${folder}/pyvenv.cfg`]: `home = /usr/local/bin\nversion = ${python}.9\n`,
    [`${folder}/bin/python`]: { target: '/usr/local/bin/python3', kind: 'symlink' },
    ...Object.fromEntries(files),
  };
}

/** A program that pip made for a package's entry point. */
function script(folder: string, name: string): Record<string, MadeFile> {
  return { [`${folder}/bin/${name}`]: `#!${folder}/bin/python\nimport sys\n` };
}

/** Code of the application, compiled. */
function code(folder: string, ...names: readonly string[]): Record<string, MadeFile> {
  const files = names.flatMap((name): [string, MadeFile][] => {
    const [, parent = '', base = ''] = /^(?:(.*)\/)?([^/]+)\.py$/.exec(name) ?? [];
    const place = parent === '' ? folder : `${folder}/${parent}`;
    return [
      [`${place}/${base}.py`, 'x = 1\n'],
      [`${place}/__pycache__/${base}.cpython-313.pyc`, { size: 100 }],
    ];
  });
  return Object.fromEntries(files);
}

const base: Record<string, MadeFile> = { ...python313 };
const users = { '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:10001:10001::/nonexistent:/usr/sbin/nologin\n' };
const plainEnv = { PYTHONUNBUFFERED: '1', PYTHONFAULTHANDLER: '1' };
const path = (folder: string): string => `${folder}/bin:/usr/local/bin:/usr/bin:/bin`;

/** Images of projects that need the network to be built, described as they come out of it. */
export const describedImages: Readonly<Record<string, MadeImage>> = {
  'uv-fastapi': {
    ...readProject('uv-fastapi'),
    layers: [
      base,
      users,
      {
        ...venv('/app/.venv', { fastapi: '0.121.3', starlette: '0.50.0', uvicorn: '0.38.0', shop: '1.4.0' }),
        ...script('/app/.venv', 'uvicorn'),
      },
    ],
    env: { ...plainEnv, PATH: path('/app/.venv') },
    config: {
      ...{ user: '10001:10001', workingDir: '/app' },
      cmd: ['uvicorn', 'shop.app:app', '--host', '0.0.0.0', '--port', '8000'],
    },
  },
  'poetry-service': {
    ...readProject('poetry-service'),
    layers: [
      base,
      users,
      {
        ...venv('/app/.venv', { flask: '3.1.2', gunicorn: '23.0.0', billing: '0.3.0' }),
        ...script('/app/.venv', 'gunicorn'),
        ...code('/app', 'billing/__init__.py', 'billing/wsgi.py', 'billing/health.py'),
      },
    ],
    env: { ...plainEnv, PATH: path('/app/.venv') },
    config: {
      ...{ user: '10001:10001', workingDir: '/app', entrypoint: ['gunicorn', 'billing.wsgi:app'] },
      cmd: ['--bind=0.0.0.0:8080', '--workers=2', '--threads=4', '--worker-tmp-dir=/dev/shm'],
    },
  },
  django: {
    ...readProject('django'),
    layers: [
      base,
      { ...users, '/usr/lib/x86_64-linux-gnu/libpq.so.5': { mode: 0o644 } },
      {
        ...venv('/venv', {
          ...{
            asgiref: '3.11.0',
            django: '5.2.8',
            gunicorn: '23.0.0',
            packaging: '25.0',
            psycopg: '3.2.13',
            sqlparse: '0.5.3',
          },
        }),
        ...script('/venv', 'gunicorn'),
      },
      {
        ...code('/app', 'manage.py', 'healthcheck.py', 'site_of_ours/settings.py', 'site_of_ours/wsgi.py'),
        '/app/entrypoint.sh': readProject('django').context?.['entrypoint.sh'] ?? '',
        '/app/site_of_ours/settings.py': readProject('django').context?.['site_of_ours/settings.py'] ?? '',
        '/app/requirements.txt': readProject('django').context?.['requirements.txt'] ?? '',
        '/app/static/admin/css/base.css': 'body {}\n',
      },
    ],
    env: { ...plainEnv, PATH: path('/venv'), DJANGO_SETTINGS_MODULE: 'site_of_ours.settings' },
    config: {
      ...{ user: '10001', workingDir: '/app', entrypoint: ['./entrypoint.sh'] },
      cmd: [
        ...['gunicorn', 'site_of_ours.wsgi:application', '--bind=0.0.0.0:8000', '--workers=3'],
        ...['--worker-tmp-dir=/dev/shm', '--access-logfile=-'],
      ],
    },
  },
  'celery-worker': {
    ...readProject('celery-worker'),
    layers: [
      base,
      users,
      {
        ...venv('/venv', { celery: '5.5.3', kombu: '5.5.4', redis: '7.1.0', vine: '5.1.0' }),
        ...script('/venv', 'celery'),
      },
      code('/srv', 'mailer/__init__.py', 'mailer/tasks.py'),
    ],
    env: { ...plainEnv, PATH: path('/venv') },
    config: {
      ...{ user: '10001:10001', workingDir: '/srv' },
      cmd: ['celery', '--app=mailer', 'worker', '--loglevel=INFO', '--concurrency=4', '--max-tasks-per-child=1000'],
    },
  },
  'pip-tools-api': {
    ...readProject('pip-tools-api'),
    target: 'production',
    layers: [
      base,
      {
        ...venv('/opt/api', { fastapi: '0.121.3', starlette: '0.50.0', uvicorn: '0.38.0' }),
        ...script('/opt/api', 'uvicorn'),
      },
      code('/srv', 'api/__init__.py', 'api/main.py'),
    ],
    env: { ...plainEnv, PATH: path('/opt/api') },
    config: {
      ...{ user: '65534:65534', workingDir: '/srv' },
      cmd: ['python', '-m', 'uvicorn', '--host=0.0.0.0', '--port=8000', '--workers=2', 'api.main:app'],
    },
  },
};
