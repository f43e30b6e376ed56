#!/bin/sh
# Creates ringfold's topics where they are missing; changes none that exist. Reasons: topics.md.
# Runs wherever Kafka's own tools are, for instance in the image apache/kafka.
#
#   BOOTSTRAP=broker:9092 REPLICATION=3 create-topics.sh
#
# COMMAND_CONFIG names a client properties file (TLS, SASL), PREFIX replaces "ringfold.".
set -eu
bootstrap=${BOOTSTRAP:?host:port of a broker}
replication=${REPLICATION:-3}
prefix=${PREFIX:-ringfold.}
tool=$(command -v kafka-topics.sh || echo /opt/kafka/bin/kafka-topics.sh)
day=86400000

create() { # name, partitions, settings…
  name=$1 partitions=$2
  shift 2
  for setting; do set -- "$@" --config "$setting"; shift; done
  "$tool" --bootstrap-server "$bootstrap" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
    --create --if-not-exists --topic "$prefix$name" --partitions "$partitions" \
    --replication-factor "$replication" "$@"
}

# One more copy than may be lost while acks=all still answers.
in_sync=$((replication > 1 ? replication - 1 : 1))

create dials 12 message.timestamp.type=LogAppendTime cleanup.policy=delete \
  retention.ms=$((14 * day)) max.message.bytes=1048576 min.insync.replicas=$in_sync
create references 12 message.timestamp.type=LogAppendTime cleanup.policy=delete \
  retention.ms=$((14 * day)) max.message.bytes=1048576 min.insync.replicas=$in_sync
# A rejected record comes here whole, with headers that say why: hence the larger limit.
create dead-letters 3 message.timestamp.type=LogAppendTime cleanup.policy=delete \
  retention.ms=$((30 * day)) max.message.bytes=2097152 min.insync.replicas=$in_sync
