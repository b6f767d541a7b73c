#!/usr/bin/env bash
# Formats the data folder at the first start, then becomes the broker.
set -euo pipefail
config=${1:-/etc/kafka/server.properties}
if [ ! -e /var/lib/kafka/data/meta.properties ]; then
  java -cp '/opt/kafka/*' kafka.tools.StorageTool format --config "$config" \
    --cluster-id "$(java -cp '/opt/kafka/*' kafka.tools.StorageTool random-uuid)" ${KAFKA_FORMAT_OPTIONS:-}
fi
exec java -Xms256m -Xmx"${KAFKA_HEAP:-768m}" -cp '/opt/kafka/*' kafka.Kafka "$config"
