/** The star: rooms import schema, never each other; in schema and workflows the pure parts import nothing impure. */
const rooms = ['server', 'web', 'workflows'];

module.exports = {
  forbidden: [
    ...rooms.map((room) => ({
      name: `${room}-imports-no-room`,
      comment: 'Rooms talk by wire only; what two need is a word of schema.',
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: `^(${[...rooms, 'test'].filter((other) => other !== room).join('|')})/` },
    })),
    {
      name: 'schema-imports-no-room',
      severity: 'error',
      from: { path: '^schema/' },
      to: { path: '^(server|web|workflows|test)/' },
    },
    {
      name: 'schema-by-its-doors',
      comment: 'Come in by #schema/domain, #schema/entities, #schema/catalogue or #schema/config.',
      severity: 'error',
      from: { path: '^(server|web|workflows)/' },
      to: { path: '^schema/', pathNot: '^schema/(domain|entities|catalogue|config)/index\\.ts$' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^schema/domain/' },
      to: { pathNot: '^schema/domain/' },
    },
    {
      name: 'durable-is-deterministic',
      comment: 'Replayed code imports the workflow API and pure rules, not even types of activities.',
      severity: 'error',
      from: { path: '^workflows/durable/' },
      to: { pathNot: '^(workflows/durable/|schema/domain/|node_modules/@temporalio/(workflow|common)/)' },
    },
    {
      name: 'engines-know-no-workflow',
      comment: 'Engines are the outside world; activities drive them.',
      severity: 'error',
      from: { path: '^workflows/engines/' },
      to: { path: '^workflows/(durable|activities)/|node_modules/@temporalio/|node_modules/typeorm/' },
    },
    {
      name: 'web-knows-words-only',
      comment: 'The browser may use the pure rules and nothing else of schema.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^schema/', pathNot: '^schema/domain/' },
    },
    {
      name: 'server-knows-no-supervisor',
      comment: 'How Holdfast is started on one machine is no business of the API.',
      severity: 'error',
      from: { path: '^server/', pathNot: '^server/local/' },
      to: { path: '^server/local/' },
    },
    {
      name: 'supervisor-uses-setup-only',
      severity: 'error',
      from: { path: '^server/local/' },
      to: { path: '^server/', pathNot: '^server/(local|setup)/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { pathNot: '^schema/entities/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
