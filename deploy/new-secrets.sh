#!/bin/sh
# Writes the secrets of a new installation, one file each, named like the variables they are for:
#
#   deploy/new-secrets.sh deploy/secrets          # for deploy/compose.yaml
#   POSTGRES_HOST=db.example REDIS_HOST=redis.example deploy/new-secrets.sh /etc/wallet/secrets
#
# Run as root, the files belong to OWNER (10001:10001, the user of the container). Keep a copy of
# the four keys in a safe: without them no backup can be restored.
set -eu

folder=${1:?usage: new-secrets.sh FOLDER}
umask 077
# Never over what is there: keys that are gone are data that is gone.
mkdir "$folder"

random() { head -c 48 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
write() { printf '%s\n' "$2" > "$folder/$1"; chmod 0400 "$folder/$1"; }

for name in DJANGO_SECRET_KEY WALLET_FIELD_KEYS WALLET_INDEX_KEY WALLET_PAYMENT_PASSWORD_KEYS; do
  write "$name" "$(random)"
done
postgres=$(random)
redis=$(random)
write POSTGRES_PASSWORD "$postgres"
write REDIS_PASSWORD "$redis"
write DATABASE_URL "postgres://wallet:$postgres@${POSTGRES_HOST:-postgres}:5432/wallet"
write REDIS_URL "redis://:$redis@${REDIS_HOST:-redis}:6379/0"

if [ "$(id -u)" = 0 ]; then chown -R "${OWNER:-10001:10001}" "$folder"; fi
echo "Secrets written to $folder"
