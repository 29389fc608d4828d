# syntax=docker/dockerfile:1
# The image of the service: one program, which serves, works and migrates (see docker-compose.yml). The demonstration, with
# its passwords and its own PostgreSQL, is not in it.

FROM rust:1.95-bookworm AS builder
RUN apt-get update \
    && apt-get install -y --no-install-recommends libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
# With TLS to the database: the libpq that is built in is built with OpenSSL.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked -p almoner --no-default-features --features tls \
    && cp target/release/almoner /almoner

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin almoner \
    && install --directory --owner almoner --group almoner --mode 700 /var/lib/almoner /var/lib/almoner/documents
COPY --from=builder /almoner /usr/local/bin/almoner
# By number, so that Kubernetes can see that it is not root. The program writes no files but the signed heads of the audit
# log and the documents, sealed, which volumes at and below /var/lib/almoner hold: the root may be read-only.
USER 10001:10001
# A container is reached from outside itself.
ENV ALMONER_LISTEN=0.0.0.0:8080 \
    ALMONER_METRICS_LISTEN=0.0.0.0:9090
EXPOSE 8080 9090 9091
# `almoner health` exits with 0 if http://127.0.0.1:<port of ALMONER_LISTEN>/health/ready answers 200. It is meant for
# `serve`: where the container runs `work`, ask `almoner health --work`, and turn it off for another command.
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["almoner", "health"]
ENTRYPOINT ["almoner"]
CMD ["serve"]
