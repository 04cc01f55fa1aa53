# One image for all of Holdfast's own: the API server (the default), the worker (dist/workflows/main.js) and the
# one-shot that prepares a deployment (dist/server/setup/prepare.js).

FROM node:22.23.3-trixie-slim AS base
WORKDIR /app

# Debian's own signed package carries the key of PostgreSQL's repository.
FROM base AS postgres-key
RUN apt-get update \
  && apt-get install --yes --no-install-recommends postgresql-common

# npm install, as under `npm start`: the lockfile names no packages for other platforms, and npm ci refuses such a one.
# Every version that is in the lockfile holds.
FROM base AS build
# What the accelerator for dumps is built from.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends gcc libc6-dev libisal-dev zlib1g-dev
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund --no-update-notifier
COPY tsconfig.json ./
COPY schema ./schema
COPY server ./server
COPY workflows ./workflows
COPY web ./web
# What starts Holdfast on one machine has no place in a container.
RUN npm run build \
  && rm -r dist/server/local dist/workflows/bundle.js dist/workflows/engines/postgres/accelerator/build.js

FROM base AS packages
COPY package.json package-lock.json ./
# Temporal's core comes for five platforms, 25 to 30 MB each: this one's is kept.
RUN npm install --omit=dev --no-audit --no-fund --no-update-notifier \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM base AS holdfast
LABEL org.opencontainers.image.title="Holdfast" \
  org.opencontainers.image.description="Backups for hosted projects: API server and worker" \
  org.opencontainers.image.version="0.1.0"
# The worker dumps each project's database with the programs of that server's own major version.
ARG POSTGRES_MAJORS="13 14 15 16 17 18"
COPY --from=postgres-key /usr/share/postgresql-common/pgdg/apt.postgresql.org.asc /usr/share/keyrings/postgresql.asc
RUN echo "deb [signed-by=/usr/share/keyrings/postgresql.asc] http://apt.postgresql.org/pub/repos/apt trixie-pgdg main" \
    > /etc/apt/sources.list.d/postgresql.list \
  && apt-get update \
  && apt-get install --yes --no-install-recommends libisal2 $(printf 'postgresql-client-%s ' $POSTGRES_MAJORS) \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
  && groupadd --gid 10001 holdfast \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin holdfast \
  && install --directory --mode=1777 /spool
COPY package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
ENV NODE_ENV=production
USER 10001:10001
EXPOSE 4000
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "dist/server/main.js"]
