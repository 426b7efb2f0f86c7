# Two stages: the first builds a virtual environment, the second holds nothing else.
# docs/container.md says how to build, run and upgrade it.
ARG PYTHON=3.13.16-slim-trixie

FROM python:${PYTHON} AS build
WORKDIR /src
RUN python -m venv /opt/webfail2ban
# What others wrote comes first: this layer lasts until the lock changes.
COPY requirements.lock ./
RUN /opt/webfail2ban/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY webfail2ban webfail2ban
COPY plugins plugins
COPY haproxy haproxy
# Nothing is fetched any more. What builds packages is in the lock too, and goes again.
RUN /opt/webfail2ban/bin/pip install --no-cache-dir --no-index --no-deps --no-build-isolation . \
 && /opt/webfail2ban/bin/pip uninstall --yes setuptools

FROM python:${PYTHON}
# What is different in a container, whatever the mounted configuration says: the loopback interface
# is nobody's, so listen for HAProxy's container; nothing may be written but in one directory; and a
# stop has to be over before the engine's ten seconds are. A setting can be set otherwise where the
# container is started. Syslog stays on the loopback interface until somebody names the senders.
ENV PATH=/opt/webfail2ban/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WEBFAIL2BAN_CONFIG=/etc/webfail2ban/config.yaml \
    FAIL2BAN_SPOA_ADDRESS=0.0.0.0 \
    FAIL2BAN_PLUGIN_DIRS=[/plugins] \
    FAIL2BAN_STORE_PATH=/var/lib/webfail2ban/webfail2ban.sqlite3 \
    FAIL2BAN_API_SOCKET=/var/lib/webfail2ban/api.sock \
    FAIL2BAN_GRACE=8s
RUN groupadd --gid 64064 webfail2ban \
 && useradd --no-log-init --uid 64064 --gid webfail2ban --shell /usr/sbin/nologin \
      --home-dir /var/lib/webfail2ban --no-create-home webfail2ban
RUN mkdir -p /etc/webfail2ban /plugins /var/lib/webfail2ban \
 && chown 64064:64064 /var/lib/webfail2ban \
 && chmod 0750 /var/lib/webfail2ban
COPY --from=build /opt/webfail2ban /opt/webfail2ban
COPY config.yaml /etc/webfail2ban/config.yaml
# By number: Kubernetes' runAsNonRoot reads no names.
USER 64064:64064
EXPOSE 12345/tcp 5514/udp
# Bans, counts and places in logs outlive the container. Configuration and plugins may be mounted at
# /etc/webfail2ban and /plugins, and need not be writable.
VOLUME /var/lib/webfail2ban
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["webfail2ban", "health"]
# The program is the container's first process: signals reach it, it ends its children, and it reaps
# those that others left behind.
ENTRYPOINT ["webfail2ban"]
CMD ["run"]
