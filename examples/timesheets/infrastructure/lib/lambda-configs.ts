export interface LambdaConfig {
  /** MB */
  readonly memory: number;
  /** seconds */
  readonly timeout: number;
}

const DEFAULT: LambdaConfig = { memory: 256, timeout: 30 };

/** What differs from the default, by function. */
const CONFIGS: Record<string, LambdaConfig> = {
  "health-check": { memory: 128, timeout: 10 },
  "custom-authorizer": { memory: 256, timeout: 10 },
  "users-create": { memory: 256, timeout: 25 },
  "users-list": { memory: 256, timeout: 25 },
  "users-update": { memory: 256, timeout: 25 },
  "auth-refresh": { memory: 256, timeout: 10 },
  "time-entries-list": { memory: 256, timeout: 25 },
  "time-entries-approve": { memory: 256, timeout: 25 },
  "time-entries-bulk": { memory: 512, timeout: 120 },
  "analytics-track-event": { memory: 256, timeout: 10 },
  "analytics-performance": { memory: 512, timeout: 60 },
  "reports-generate": { memory: 1024, timeout: 300 },
  "reports-render": { memory: 1024, timeout: 300 },
  "reports-queue": { memory: 256, timeout: 10 },
  "reports-list": { memory: 256, timeout: 25 },
  "reports-worker": { memory: 1024, timeout: 120 },
  "nightly-aggregate": { memory: 512, timeout: 300 },
  "entries-stream": { memory: 256, timeout: 60 },
};

export function lambdaConfig(name: string): LambdaConfig {
  return CONFIGS[name] ?? DEFAULT;
}
