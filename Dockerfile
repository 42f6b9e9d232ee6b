FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
# Extras of pyproject.toml; for Amazon SES, "--extra providers --extra amazon-ses".
ARG EXTRAS="--extra providers"
WORKDIR /annals
COPY pyproject.toml uv.lock ./
# hadolint ignore=SC2086  each extra is an argument
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-default-groups $EXTRAS
COPY . .
# The settings want a key and servers; collecting files uses neither, and nothing keeps them.
RUN SECRET_KEY=collects-files-and-is-kept-by-nothing DATABASE_URL=postgres://build REDIS_URL=redis://build STATIC_ROOT=/annals/collected \
    .venv/bin/python manage.py collectstatic --no-input \
    && .venv/bin/python -m compileall -q accounts activity config contacts

FROM python:3.13-slim
# For backups: pg_dump has to be as new as the server. Debian has an older one, PostgreSQL's own
# archive the newest of each release, which is what is wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 annals \
    && useradd --uid 10001 --gid 10001 --no-create-home annals \
    && install -d -o annals -g annals -m 700 /var/lib/annals /var/lib/anchors /var/lib/backups
COPY --from=build /annals /annals
WORKDIR /annals
ENV PATH=/annals/.venv/bin:/usr/lib/postgresql/18/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ANNALS_VAR=/var/lib/annals STATIC_ROOT=/annals/collected \
    GRANIAN_HOST=0.0.0.0 PORT=8000
USER 10001:10001
VOLUME ["/var/lib/annals", "/var/lib/anchors", "/var/lib/backups"]
EXPOSE 8000
# The web process; docker-compose.yml runs the others of the Procfile from the same image.
CMD ["sh", "-c", "exec python -m config.preloaded granian --interface asgi --port $PORT --workers ${WEB_CONCURRENCY:-2} --backpressure 16384 --respawn-failed-workers --http 1 --no-ws --log-level warning config.asgi:application"]
