import { expect, test } from '@jest/globals';
import { findEntryModule } from '../../src/plan/bytecode/entry-module.ts';

test.each<[readonly string[], readonly string[], string | undefined]>([
  [[], ['gunicorn', 'app.wsgi:application'], 'app.wsgi'],
  [[], ['gunicorn', '-b', '0.0.0.0:8000', '-k', 'uvicorn.workers.UvicornWorker', 'main:app'], 'main'],
  [[], ['gunicorn', 'app:create_app()'], 'app'],
  [['/entrypoint.sh'], ['/venv/bin/uvicorn', 'shop.main:app', '--host', '0.0.0.0', '--port', '80'], 'shop.main'],
  [[], ['sh', '-c', 'python manage.py migrate && exec gunicorn --bind :$PORT shop.wsgi:app'], 'shop.wsgi'],
  [['python', '-u', '-m'], ['shop.worker', '--once'], 'shop.worker'],
  [['python3.12'], ['-m', 'uvicorn', 'main:app'], 'main'],
  [['wait-for-it.sh', 'db:5432', '--'], ['python', '-m', 'shop'], 'shop'],
  [[], ['celery', '-A', 'proj', 'worker'], 'proj'],
  [[], ['celery', '--app=proj.celery:app', 'worker'], 'proj.celery'],
  [[], ['flask', '--app', 'shop.web', 'run'], 'shop.web'],
  [[], ['flask', 'run'], 'from_env'],
  [[], ['hypercorn', 'asgi:app'], 'asgi'],
  [[], ['python', 'app.py'], undefined],
  [[], ['python', 'tool.py', '-m', 'x'], undefined],
  [[], ['python', '-m', 'gunicorn', '--help'], undefined],
  [[], ['gunicorn', '--bind', '0.0.0.0:80'], undefined],
  [[], ['nginx', '-g', 'daemon off;'], undefined],
  [[], ['sh', '-c', 'echo "unclosed'], undefined],
  [[], [], undefined],
])('%j %j is about %s', (entrypoint, cmd, module) => {
  const env = new Map([['FLASK_APP', 'from_env:app']]);
  expect(findEntryModule({ entrypoint, cmd, env })).toBe(module);
});
