# The image: Node, the bundle, its compile cache, CA certificates. docs/image.md says why each is as it is.
FROM node:26.10.0-trixie-slim AS build

RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin
WORKDIR /src
COPY package.json package-lock.json ./
# No install scripts: Node is here already.
RUN npm ci --ignore-scripts
COPY src src
COPY image image
COPY manifests/demo manifests/demo
RUN node image/bundle.ts

# Node finds a file's cache by the file's path, the user's ID and V8's flags: all are those of the final stage.
RUN mkdir -p /usr/lib/corvidns/manifests \
 && cp -r bundle /usr/lib/corvidns/bundle \
 && cp -r manifests/demo /usr/lib/corvidns/manifests/demo \
 && install -d -o 65532 -g 65532 /usr/lib/corvidns/compile-cache
RUN setpriv --reuid 65532 --regid 65532 --clear-groups \
    node --max-semi-space-size=4 image/compile-cache.ts /usr/lib/corvidns/bundle/main.mjs /usr/lib/corvidns/compile-cache \
 && chown -R root:root /usr/lib/corvidns \
 && chmod -R a+rX,go-w /usr/lib/corvidns

# All that the base lacks. libatomic is the one library of Node's that it has not. Port 53 without root needs the
# capability on the binary: a container's non-root user keeps no other.
RUN libatomic="$(ldd /usr/local/bin/node | sed -n 's|.* => \(/usr\)*\(/lib/.*/libatomic.so.1\) .*|/usr\2|p')" \
 && mkdir /image \
 && cp --parents -rL /usr/local/bin/node $libatomic /usr/lib/corvidns /image \
 && setcap cap_net_bind_service=+ep /image/usr/local/bin/node

FROM gcr.io/distroless/cc-debian13:nonroot

LABEL org.opencontainers.image.title="corvidns" \
      org.opencontainers.image.description="CoreDNS-compatible cluster DNS server for Kubernetes" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
ENV NODE_COMPILE_CACHE=/usr/lib/corvidns/compile-cache
# For upstreams over TLS: the base's authorities count too, or those that a pod mounts in their place.
ENV NODE_USE_SYSTEM_CA=1
USER 65532:65532
WORKDIR /
EXPOSE 53/udp 53/tcp
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=4", "/usr/lib/corvidns/bundle/main.mjs"]
