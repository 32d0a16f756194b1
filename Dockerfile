# `verify` with the programs that its steps ask for: git, ssh-keygen, promtool, amtool, Chromium, a Compose client.
# docker build -t verify . && docker run --rm -v "$PWD:/repo" -w /repo verify milestone-16
FROM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc tsdown.config.ts tsconfig.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npx tsdown && mkdir /pack && npm pack --ignore-scripts --pack-destination /pack

FROM node:24-trixie-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    bash ca-certificates chromium docker-cli docker-compose fonts-dejavu-core git openssh-client prometheus prometheus-alertmanager \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /pack/verify-milestone-*.tgz /tmp/
RUN npm install --global --omit=dev /tmp/verify-milestone-*.tgz && rm /tmp/verify-milestone-*.tgz
# A mounted repository belongs to somebody else than the user of the container.
RUN git config --system --add safe.directory '*'
# What messages and --help name, so that they can be copied into the shell from which the container was started.
ENV VERIFY_COMMAND='docker run --rm -v "$PWD:/repo" -w /repo verify'
ENTRYPOINT ["verify"]
