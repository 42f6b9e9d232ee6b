#!/bin/sh
# Makes the secrets of docker-compose.yml, each in a file of secrets/ for the containers' user alone.
# Files that are there stay as they are. Run it as root, or as a user who may give files away:
#
#   sudo deploy/secrets.sh
#
# Keep a copy of secret_key and ledger_key offline, apart from the backups.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets

# make NAME: keep standard input as secrets/NAME, unless that is there.
make() {
	if [ -s "secrets/$1" ]; then cat >/dev/null; else cat >"secrets/$1"; fi
}

openssl rand -base64 48 | tr -d '\n' | make secret_key
openssl rand -base64 32 | tr -d '\n' | make ledger_key
openssl rand -hex 24 | tr -d '\n' | make owner_password
openssl rand -hex 24 | tr -d '\n' | make app_password
printf 'postgres://annals:%s@postgres/annals' "$(cat secrets/owner_password)" | make owner_database_url
printf 'postgres://annals_app:%s@postgres/annals' "$(cat secrets/app_password)" | make database_url
printf 'smtp://mailpit:1025' | make email_url

# The user of the containers (Dockerfile); PostgreSQL reads its own as root.
chown 10001:10001 secrets/* && chmod 400 secrets/* && chmod 711 secrets
echo "The secrets are in $(pwd)/secrets."
