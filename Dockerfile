# restore-images as a container: a static binary, the users that engines run it as, and nothing else.
#
#   docker build -t restore-images .                       the function, for kpt and kustomize
#   docker build -t restore-images-argocd --target argocd .  the sidecar of Argo CD's repo-server
#
# Build arguments:
#   TARGETARCH  amd64 or arm64; BuildKit sets it from --platform
#   BINARY      build: compile here; outside: take target/image/TARGETARCH/restore-images
#   VERSION, REVISION, SOURCE  for the labels
ARG BINARY=build

# Compiles on the builder's own architecture for that of the image. By digest, which Dependabot
# raises (.github/dependabot.yml); no base image is in what is published.
FROM --platform=$BUILDPLATFORM docker.io/library/rust:1.95-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
ARG TARGETARCH
WORKDIR /source
COPY . .
RUN .ci/static "$TARGETARCH" /restore-images

# A binary that was compiled before, where base images cannot be pulled.
FROM scratch AS outside
ARG TARGETARCH
COPY target/image/${TARGETARCH}/restore-images /restore-images

FROM ${BINARY} AS binary

# The entry is argocd-cmp-server, which Argo CD's own image brings to the volume at
# /var/run/argocd; kustomize and helm come to the volume at /tools in the same way.
FROM scratch AS argocd
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="restore-images for Argo CD" \
      org.opencontainers.image.description="A config management plugin that restores monitoring agents' images where Argo CD renders manifests" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /LICENSE
COPY function/container/passwd /etc/passwd
COPY function/plugin.yaml /home/argocd/cmp-server/config/plugin.yaml
COPY --from=binary /restore-images /usr/local/bin/restore-images
ENV PATH=/usr/local/bin:/tools HOME=/tmp
USER 999:999
ENTRYPOINT ["/var/run/argocd/argocd-cmp-server"]

# The function. It is last, so that it is what a build without --target gives.
FROM scratch AS function
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="restore-images" \
      org.opencontainers.image.description="A KRM function that brings monitoring agents' images, tags, pull policies and pull secrets back to what their vendors and your registry mapping rules say" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /LICENSE
COPY function/container/passwd /etc/passwd
COPY --from=binary /restore-images /usr/local/bin/restore-images
USER 65534:65534
ENTRYPOINT ["/usr/local/bin/restore-images"]
