import type { Rule } from './rule.ts';
import { djangoRules } from './rules/django.ts';
import { healthRules } from './rules/health.ts';
import { importRules } from './rules/imports.ts';
import { listeningRules } from './rules/listening.ts';
import { loggingRules } from './rules/logging.ts';
import { bytecodeRules } from './rules/running-bytecode.ts';
import { runtimeUserRules } from './rules/runtime-user.ts';
import { sandboxRules } from './rules/sandbox.ts';
import { startupRules } from './rules/startup.ts';
import { stoppingRules } from './rules/stopping.ts';
import { surroundingsRules } from './rules/surroundings.ts';
import { userRules } from './rules/user.ts';

/** Every rule, each id once. */
export const rules: readonly Rule[] = [
  ...userRules,
  ...startupRules,
  ...importRules,
  ...listeningRules,
  ...sandboxRules,
  ...runtimeUserRules,
  ...loggingRules,
  ...stoppingRules,
  ...healthRules,
  ...surroundingsRules,
  ...bytecodeRules,
  ...djangoRules,
];
