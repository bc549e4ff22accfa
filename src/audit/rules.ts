import type { Rule } from './rule.ts';
import { accountRules } from './rules/accounts.ts';
import { aptRules } from './rules/apt.ts';
import { baseRules } from './rules/base.ts';
import { baseAgeRules } from './rules/base-age.ts';
import { baseNameRules } from './rules/base-names.ts';
import { pycRules } from './rules/bytecode.ts';
import { cacheMountRules } from './rules/cache-mounts.ts';
import { cacheRules } from './rules/caches.ts';
import { contentRules } from './rules/content.ts';
import { contextRules } from './rules/context.ts';
import { distributionRules } from './rules/distribution.ts';
import { djangoRules } from './rules/django.ts';
import { downloadRules } from './rules/downloads.ts';
import { floatingRules } from './rules/floating.ts';
import { gunicornRules } from './rules/gunicorn.ts';
import { healthRules } from './rules/health.ts';
import { importRules } from './rules/imports.ts';
import { installedPinsRules } from './rules/installed-pins.ts';
import { layerOrderRules } from './rules/layer-order.ts';
import { libraryRules } from './rules/libraries.ts';
import { listeningRules } from './rules/listening.ts';
import { litterRules } from './rules/litter.ts';
import { lockEnforcedRules } from './rules/lock-enforced.ts';
import { lockSyncRules } from './rules/lock-sync.ts';
import { loggingRules } from './rules/logging.ts';
import { packageDataRules } from './rules/package-data.ts';
import { packageIndexRules } from './rules/package-indexes.ts';
import { pinRules } from './rules/pins.ts';
import { processOneRules } from './rules/process-one.ts';
import { pythonRules } from './rules/python.ts';
import { rightsRules } from './rules/rights.ts';
import { bytecodeRules } from './rules/running-bytecode.ts';
import { runtimeUserRules } from './rules/runtime-user.ts';
import { sandboxRules } from './rules/sandbox.ts';
import { secretFileRules } from './rules/secret-files.ts';
import { secretRules } from './rules/secrets.ts';
import { startRules } from './rules/start.ts';
import { startupRules } from './rules/startup.ts';
import { stopSignalRules } from './rules/stop-signals.ts';
import { stoppingRules } from './rules/stopping.ts';
import { surroundingsRules } from './rules/surroundings.ts';
import { userRules } from './rules/user.ts';
import { verificationRules } from './rules/verification.ts';
import { volumeRules } from './rules/volumes.ts';

/** Every rule, each id once. */
export const rules: readonly Rule[] = [
  ...userRules,
  ...accountRules,
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
  ...packageDataRules,
  ...libraryRules,
  ...pythonRules,
  ...secretRules,
  ...secretFileRules,
  ...distributionRules,
  ...baseAgeRules,
  ...verificationRules,
  ...downloadRules,
  ...volumeRules,
  ...rightsRules,
  ...litterRules,
  ...contextRules,
  ...startRules,
  ...processOneRules,
  ...stopSignalRules,
  ...gunicornRules,
  ...pycRules,
  ...packageIndexRules,
  ...pinRules,
  ...floatingRules,
  ...lockEnforcedRules,
  ...lockSyncRules,
  ...installedPinsRules,
  ...aptRules,
  ...cacheRules,
  ...layerOrderRules,
  ...cacheMountRules,
  ...baseNameRules,
  ...baseRules,
  ...contentRules,
];
