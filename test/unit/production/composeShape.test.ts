import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { composeText, interpolate, readCompose, serviceOf, type Service } from '../../support/compose.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const compose = readCompose();
const services = Object.entries(compose.services);
const ours = ['prepare', 'api', 'worker'];
/** Those that run to their end, and those that stay. */
const once = services.filter(([, { restart }]) => restart !== 'unless-stopped').map(([name]) => name);

function service(name: string): Service {
  return serviceOf(compose, name);
}

/** Services that a service can reach: those that share a network with it. */
function reachable(name: string): string[] {
  const { networks } = service(name);
  return services
    .filter(([, other]) => other.networks.some((each) => networks.includes(each)))
    .map(([each]) => each);
}

describe('what is published', () => {
  it('is the API and the sign-in in front of Temporal’s web UI, on loopback unless somebody says otherwise', () => {
    const published = services.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${interpolate(port, {})}`),
    );
    expect(published).toEqual(['temporal-sign-in 127.0.0.1:8233:8233', 'api 127.0.0.1:4000:4000']);
    for (const [name, { network_mode, privileged }] of services) {
      expect([network_mode, privileged], name).toEqual([undefined, undefined]);
    }
  });

  it('cannot be reached around the sign-in: Temporal and its web UI are on inner networks only', () => {
    for (const name of ['temporal', 'temporal-ui', 'postgres', 'storage', 'mail']) {
      for (const network of service(name).networks) {
        expect(compose.networks[network]?.internal, `${name} on ${network}`).toBe(true);
      }
    }
    expect(reachable('temporal-sign-in')).not.toContain('temporal');
    expect(reachable('temporal-sign-in')).not.toContain('postgres');
    const proxy = service('temporal-sign-in').command?.join('') ?? '';
    expect(proxy).toContain('basic_auth {');
    expect(proxy).toContain('{file./run/secrets/temporal-ui-password-hash}');
    expect(proxy).toContain('reverse_proxy temporal-ui:8080');
  });

  it('leads out for those only who must go out', () => {
    const outside = Object.entries(compose.networks).filter(([, network]) => !network.internal);
    const there = outside.map(([network]) => [
      network,
      services.filter(([, { networks }]) => networks.includes(network)).map(([name]) => name),
    ]);
    expect(Object.fromEntries(there)).toEqual({ front: ['temporal-sign-in', 'api'], outside: ['worker'] });
  });
});

describe('secrets', () => {
  it('are files of a folder that a person names; no value stands here', () => {
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(interpolate(file, { HOLDFAST_SECRETS: '/secrets' })).toBe(`/secrets/${name}`);
    }
    const granted = new Set(services.flatMap(([, { secrets = [] }]) => secrets));
    expect([...granted].sort()).toEqual(Object.keys(compose.secrets).sort());
  });

  it('have no defaults, and are in nobody’s environment', () => {
    for (const [name, { environment = {} }] of services) {
      for (const [variable, value] of Object.entries(environment)) {
        const isSecret = /PASSW|_PWD|SECRET|TOKEN|_KEY$|_URL$/.test(variable) && !harmless.has(variable);
        expect(isSecret && !String(value).startsWith('/run/secrets/'), `${name} ${variable}`).toBe(false);
      }
    }
    expect(composeText()).not.toMatch(/:\/\/[^\s/]+:[^\s/@]+@/);
  });

  it('are read where they are granted', () => {
    for (const [name, { secrets = [], command = [], environment = {} }] of services) {
      const read = [...command, ...Object.values(environment)].join('\n');
      for (const secret of secrets) expect(read, name).toContain(`/run/secrets/${secret}`);
      const used = [...read.matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, secret]) => secret);
      for (const secret of used) expect(secrets, name).toContain(secret);
    }
  });
});

describe.each(services)('the service %s', (name, { image, ...each }) => {
  it('runs an image of one version', () => {
    const own = ours.includes(name);
    expect(interpolate(image, {})).toMatch(
      own ? /^holdfast:\d+\.\d+\.\d+$/ : /^[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/,
    );
    expect(each.build).toBe(own ? '.' : undefined);
  });

  it('has no more rights than it needs', () => {
    expect(each.cap_drop).toEqual(['ALL']);
    expect(each.cap_add ?? []).toEqual(name === 'temporal-sign-in' ? ['NET_BIND_SERVICE'] : []);
    expect(each.security_opt).toEqual(['no-new-privileges:true']);
    expect(each.read_only).toBe(true);
    expect(each.tmpfs?.length).toBeGreaterThan(0);
    // Compose refuses these beside a read-only root: it would have to write them into it.
    expect(each.configs).toBeUndefined();
  });

  it('has limits, an init and a word about restarts', () => {
    expect(each.mem_limit).toMatch(/^\d+[mg]$/);
    expect(each.pids_limit).toBeGreaterThan(0);
    expect(each.logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } });
    expect(each.init).toBe(true);
    expect(each.restart).toMatch(/^(unless-stopped|on-failure:\d)$/);
  });

  it('says whether it works, and waits until what it needs does', () => {
    expect(each.healthcheck !== undefined).toBe(!once.includes(name));
    for (const [needed, { condition }] of Object.entries(each.depends_on ?? {})) {
      expect(condition, needed).toBe(
        once.includes(needed) ? 'service_completed_successfully' : 'service_healthy',
      );
      expect(service(needed).profiles, needed).toBeUndefined();
    }
  });

  it('reaches every service that it names', () => {
    const named = [...Object.values(each.environment ?? {}), ...(each.command ?? [])].join('\n');
    const hosts = [
      ...named.matchAll(/(?:\/\/|--host=|--endpoint |reverse_proxy |^)([a-z-]+)(?::\d+|\s|\/|$)/gm),
    ]
      .map(([, host = '']) => host)
      .filter((host) => host in compose.services && host !== name);
    for (const host of hosts) expect(reachable(name), host).toContain(host);
  });
});

describe.each(ours)('our own %s', (name) => {
  const { command = [], environment = {}, healthcheck } = service(name);

  it('starts a file of the build, by no shell', () => {
    expect(command[0]).toBe('node');
    const script = command.at(-1) ?? '';
    expect(script).toMatch(/^dist\/.*\.js$/);
    expect(existsSync(path.join(root, script.replace(/^dist\//, '').replace(/\.js$/, '.ts'))), script).toBe(
      true,
    );
  });

  it('is asked at the port where it listens whether it can do its work', () => {
    const asked = /fetch\('http:\/\/127\.0\.0\.1:(\d+)(\/\w+)'\)/.exec(healthcheck?.test.at(-1) ?? '');
    const listens = environment.PORT ?? environment.HEALTH_PORT;
    expect(asked?.slice(1)).toEqual(name === 'prepare' ? undefined : [listens, '/readyz']);
  });
});

describe('what lasts', () => {
  it('lies on volumes: databases, backups, and parts on their way', () => {
    const mounted = services.flatMap(([name, { volumes = [] }]) =>
      volumes.map(
        (volume) => `${name} ${typeof volume === 'string' ? volume : `${volume.target} ${volume.type}`}`,
      ),
    );
    expect(mounted).toEqual([
      'postgres postgres:/var/lib/postgresql',
      'storage storage:/storage',
      'worker spool:/spool',
      'worker /media bind',
    ]);
    expect(Object.keys(compose.volumes)).toEqual(['postgres', 'storage', 'spool']);
    expect(service('worker').environment?.TMPDIR).toBe('/spool');
  });

  it('has the media where the settings let them be, writable: a restore replaces them', () => {
    const media = service('worker').volumes?.find((volume) => typeof volume !== 'string');
    expect(media).toMatchObject({ type: 'bind', target: '/media' });
    expect(media).not.toHaveProperty('read_only');
    for (const name of ['api', 'worker'])
      expect(service(name).environment?.HOLDFAST_MEDIA_ROOTS).toBe('/media');
  });

  it('has the time to end well: a worker more than the 20 s that it gives its steps', () => {
    expect(service('worker').stop_grace_period).toBe('1m');
    expect(service('api').stop_grace_period).toBe('30s');
    expect(service('postgres').stop_grace_period).toBe('2m');
  });

  it('is prepared before anything of ours starts', () => {
    for (const name of ['api', 'worker']) {
      expect(service(name).depends_on?.prepare?.condition).toBe('service_completed_successfully');
    }
    expect(once).toEqual(['databases', 'temporal-schema', 'bucket', 'prepare']);
  });
});

/** Names that look like secrets and are none. */
const harmless = new Set([
  ...['ROOT_ACCESS_KEY_ID', 'HOLDFAST_PUBLIC_URL', 'TEMPORAL_UI_URL', 'ADMIN_ENDPOINT_URL'],
]);
