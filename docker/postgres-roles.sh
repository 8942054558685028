#!/usr/bin/env bash
# Creates the two roles of the application, which own nothing; migrations run as the database's owner.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --set app="$LAB_APP_PASSWORD" --set system="$LAB_SYSTEM_PASSWORD" \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role lab_app login password :'app';
create role lab_system login password :'system';
SQL
