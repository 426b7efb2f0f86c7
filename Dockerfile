# Two stages: the first builds a virtual environment, the second holds nothing else.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY webfail2ban webfail2ban
COPY plugins plugins
RUN python -m venv /opt/webfail2ban \
 && /opt/webfail2ban/bin/pip install --no-cache-dir '.[geoip]'

FROM python:3.13-slim
# In a container the loopback interface is nobody's: listen for HAProxy's container, and for the
# senders of syslog that the mounted configuration allows.
ENV PATH=/opt/webfail2ban/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WEBFAIL2BAN_CONFIG=/etc/webfail2ban/config.yaml \
    FAIL2BAN_SPOA_ADDRESS=0.0.0.0 \
    FAIL2BAN_PLUGIN_DIRS=[/plugins]
RUN useradd --system --uid 64064 --home-dir /var/lib/webfail2ban --create-home webfail2ban \
 && mkdir -p /etc/webfail2ban /plugins
COPY --from=build /opt/webfail2ban /opt/webfail2ban
COPY config.yaml /etc/webfail2ban/config.yaml
USER webfail2ban
EXPOSE 12345/tcp 5514/udp
VOLUME ["/etc/webfail2ban", "/plugins", "/var/lib/webfail2ban"]
# The program is the container's first process: signals reach it, and it ends its child itself.
ENTRYPOINT ["webfail2ban"]
CMD ["run"]
