# shellcheck shell=bash disable=SC2154,SC2034
# How `up` starts the engines: Java, jars, ports, configuration, command lines, readiness.
# Sourced by `up` alone, after engines.sh.

# ---- Java and jars ------------------------------------------------------------------------------
java_version() { # home
  sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$1/release" 2>/dev/null
}

resolve() { # engine…
  local engine stamp jobs=() failed=0
  for engine in "$@"; do
    stamp=$(sha256sum <"$here/$engine/pom.xml")
    [ "$(cat "$dir/$engine/lib/.pom" 2>/dev/null)" = "$stamp" ] && continue
    command -v mvn >/dev/null || die "Maven (mvn) is needed once, to resolve the jars of $engine"
    copy_jars "$engine" "$stamp" &
    jobs+=($!)
  done
  for engine in "${jobs[@]}"; do wait "$engine" || failed=1; done
  return $failed
}

copy_jars() { # engine, stamp
  local new="$dir/$1/lib.new" try
  mkdir -p "$dir/$1"
  for try in 1 2 3; do
    say "resolving the jars of $1"
    rm -rf "$new"
    if JAVA_HOME=$java_home mvn -q -B -f "$here/$1/pom.xml" dependency:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$new" </dev/null >"$dir/$1/mvn.log" 2>&1 9>&-; then
      rm -rf "${dir:?}/$1/lib" && mv "$new" "$dir/$1/lib" && printf '%s\n' "$2" >"$dir/$1/lib/.pom"
      return
    fi
    sleep $((try * 2))
  done
  tail -n 20 "$dir/$1/mvn.log" >&2
  return 1
}

# ---- ports and modes ----------------------------------------------------------------------------
ports_of() { # base
  kafka_port=$(($1 + 92)) controller_port=$(($1 + 93)) cql_port=$(($1 + 42)) storage_port=$(($1 - 2000))
  proxied_port=$(($1 + 94)) proxy_port=$(($1 + 95))
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# A process that was killed holds its ports until its last thread is gone.
stays_taken() { # ports…
  local tries=0
  while any_listens "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || return 0
    sleep 0.2
  done
  return 1
}
any_listens() { local port; for port in "$@"; do listens "$port" && { taken=$port; return 0; }; done; return 1; }

ports_are_bound_to_data() {
  local engine
  for engine in "${ENGINES[@]}"; do
    if has_data "$engine" || pid_of "$engine" >/dev/null; then return 0; fi
  done
  return 1
}

# Ports belong to the data: the controller and the seed write them down. So a restart keeps them,
# and only an empty folder chooses. Two checkouts that choose at one time take turns until the
# first is listening, hence the lock of the whole machine, held to the end of `up`.
choose_ports() {
  local base engine
  base=$(setting ports base)
  if [ -n "$base" ] && ports_are_bound_to_data; then
    ports_of "$base"
    for engine in "${to_start[@]}"; do
      case $engine in
        kafka) stays_taken $kafka_port $controller_port $proxied_port ;;
        cassandra) stays_taken $cql_port $storage_port ;;
      esac && die "port $taken of this folder's engines is taken by somebody else; \`tests/engines/down\` gives up data and ports"
    done
    return
  fi
  exec 8>"${TMPDIR:-/tmp}/ringfold-engines.$(id -u).lock"
  flock -w 900 8 || die "another checkout has been starting engines for 15 minutes"
  base=${RINGFOLD_ENGINES_PORT_BASE:-19000}
  [ "$base" -ge 4000 ] 2>/dev/null && [ "$base" -le 64000 ] || die "RINGFOLD_ENGINES_PORT_BASE must lie in 4000–64000"
  ports_of "$base"
  while any_listens $kafka_port $controller_port $proxied_port $proxy_port $cql_port $storage_port; do
    base=$((base + 10))
    [ "$base" -le 64000 ] || die "no free block of ports"
    ports_of "$base"
  done
  printf 'base=%s\n' "$base" >"$dir/ports.settings"
}

# A mode holds as long as the data it was chosen for; a variable that is set decides anew.
mode() { # engine, key, value of the variable, default
  local value=${3:-$(setting "$1" "$2")}
  printf '%s' "${value:-$4}"
}
commitlog() { mode cassandra commitlog "${RINGFOLD_ENGINES_COMMITLOG:-}" periodic; }
profile() { mode "$1" profile "${RINGFOLD_ENGINES_PROFILE:-}" test; }

check_modes() { # engine that runs
  local differs=''
  [ "$(profile "$1")" = "$(setting "$1" profile)" ] || differs="profile $(setting "$1" profile)"
  [ "$1" = kafka ] || [ "$(commitlog)" = "$(setting "$1" commitlog)" ] || differs="commit log $(setting "$1" commitlog)"
  [ -z "$differs" ] || die "$1 already runs with $differs; \`tests/engines/kill $1 TERM\` first, or use another RINGFOLD_ENGINES_DIR"
}

# ---- start --------------------------------------------------------------------------------------
fill() { # template, target
  sed -e "s|@HOME@|$dir/$engine|g" -e "s|@KAFKA_PORT@|$kafka_port|g" -e "s|@CONTROLLER_PORT@|$controller_port|g" \
    -e "s|@PROXIED_PORT@|$proxied_port|g" -e "s|@PROXY_PORT@|$proxy_port|g" -e "s|@CQL_PORT@|$cql_port|g" -e "s|@STORAGE_PORT@|$storage_port|g" "$1" >"$2"
}

# Leaves a process in a session of its own that holds none of our descriptors; its pid goes to the
# file. Returns when the process has become the engine, for until then `pid_of` cannot know it.
launch() { # engine, java arguments…
  local home=$dir/$1 engine=$1 tries=0
  shift
  (
    ulimit -n "$(ulimit -Hn)" 2>/dev/null
    exec setsid nice -n "${RINGFOLD_ENGINES_NICE:-0}" "$java_home/bin/java" "$(marker "$engine")" "$@"
  ) </dev/null >>"$home/$engine.log" 2>&1 8>&- 9>&- &
  printf '%s\n' $! >"$home/pid.new" && mv "$home/pid.new" "$home/pid"
  until pid_of "$engine" >/dev/null || [ $tries -ge 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  say "$engine starts (pid $(cat "$home/pid"))"
}

start_kafka() {
  local engine=kafka home=$dir/kafka heap='-Xms256m -Xmx512m'
  fill "$here/kafka/server.properties" "$home/server.properties"
  printf 'profile=%s\n' "$(profile kafka)" >"$dir/kafka.settings"
  if [ "$(profile kafka)" = bench ]; then
    heap='-Xms1g -Xmx1g'
    echo log.segment.bytes=268435456 >>"$home/server.properties"
  fi
  has_data kafka || : >"$home/kafka.log"
  if [ ! -e "$home/data/meta.properties" ]; then
    # Any fixed id will do: this one is base64 of "ringfold-engines".
    "$java_home/bin/java" -Xmx256m -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
      -cp "$home/lib/*" kafka.tools.StorageTool format --standalone --ignore-formatted \
      -t cmluZ2ZvbGQtZW5naW5lcw -c "$home/server.properties" \
      </dev/null >>"$home/kafka.log" 2>&1 8>&- 9>&- || { cat "$home/kafka.log" >&2; die "kafka could not be formatted"; }
  fi
  # shellcheck disable=SC2086 # the heap is two words
  launch kafka $heap -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$home/lib/*" kafka.Kafka "$home/server.properties"
}

# What jvm17-server.options of Cassandra 5.0 opens, and what its tests and jamm open besides. A
# missing one shows as InaccessibleObjectException or IllegalAccessError that names the package.
module_options() {
  local p
  for p in java.base/{jdk.internal.misc,jdk.internal.ref,sun.nio.ch,java.lang.ref,java.lang.reflect} \
    java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.{registry,server} java.sql/java.sql \
    jdk.unsupported/sun.misc jdk.compiler/com.sun.tools.javac.file jdk.attach/sun.tools.attach; do
    echo --add-exports "$p=ALL-UNNAMED"
  done
  for p in java.base/{java.io,java.lang,java.lang.module,java.lang.reflect,java.math,java.net,java.nio,java.nio.charset} \
    java.base/{java.util,java.util.concurrent,java.util.concurrent.atomic,jdk.internal.loader,jdk.internal.ref} \
    java.base/{jdk.internal.reflect,jdk.internal.math,jdk.internal.module,jdk.internal.util.jar,sun.nio.ch} \
    jdk.management/com.sun.management.internal jdk.compiler/com.sun.tools.javac java.rmi/sun.rmi.transport.tcp; do
    echo --add-opens "$p=ALL-UNNAMED"
  done
}

cassandra_yaml() {
  fill "$here/cassandra/cassandra.yaml" "$1"
  case $(commitlog) in
    batch) echo 'commitlog_sync: batch' ;;
    periodic) printf '%s\n' 'commitlog_sync: periodic' 'commitlog_sync_period: 10000ms' ;;
    *) die "RINGFOLD_ENGINES_COMMITLOG is periodic or batch" ;;
  esac >>"$1"
  # The bounds of memory fit the small heap; the bench profile leaves Cassandra's own.
  case $(profile cassandra) in
    bench) printf '%s\n' 'concurrent_reads: 32' 'concurrent_writes: 32' ;;
    test) printf '%s\n' 'concurrent_reads: 8' 'concurrent_writes: 8' 'memtable_heap_space: 128MiB' \
      'memtable_offheap_space: 128MiB' 'file_cache_size: 64MiB' ;;
    *) die "RINGFOLD_ENGINES_PROFILE is test or bench" ;;
  esac >>"$1"
}

start_cassandra() {
  local engine=cassandra home=$dir/cassandra heap='-Xms512m -Xmx1g -XX:MaxDirectMemorySize=512m' jamm
  mkdir -p "$home"/{conf,triggers,logs,tmp}
  cassandra_yaml "$home/conf/cassandra.yaml"
  cp "$here/cassandra/logback.xml" "$home/conf/logback.xml"
  printf 'profile=%s\ncommitlog=%s\n' "$(profile cassandra)" "$(commitlog)" >"$dir/cassandra.settings"
  [ "$(profile cassandra)" = test ] || heap='-Xms4g -Xmx4g -XX:MaxDirectMemorySize=2g'
  has_data cassandra || : >"$home/cassandra.log"
  jamm=$(echo "$home"/lib/jamm-*.jar)
  # `conf` stands before `lib`, or a cassandra.yaml inside some jar wins. jna and netty unpack
  # native code into the temporary folder, which must allow execution.
  # shellcheck disable=SC2046,SC2086 # lists of words
  launch cassandra $heap -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError -Xss512k \
    -javaagent:"$jamm" -Djdk.attach.allowAttachSelf=true -Djava.security.manager=allow \
    -Djava.net.preferIPv4Stack=true $(module_options) \
    -Dio.netty.tryReflectionSetAccessible=true -Dio.netty.allocator.useCacheForAllThreads=true \
    -Dio.netty.allocator.maxOrder=11 -Djava.io.tmpdir="$home/tmp" \
    -Dcassandra.config="file://$home/conf/cassandra.yaml" -Dcassandra.storagedir="$home" \
    -Dcassandra.logdir="$home/logs" -Dcassandra.triggers_dir="$home/triggers" \
    -Dlogback.configurationFile="file://$home/conf/logback.xml" -Dcassandra-foreground=yes \
    -Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=1 -Dcassandra.initial_token=0 \
    -cp "$home/conf:$home/lib/*" org.apache.cassandra.service.CassandraDaemon
}

# ---- ready --------------------------------------------------------------------------------------
wait_ready() { # engine…
  local engine deadline port kind waiting=("$@") left
  deadline=$((SECONDS + ${RINGFOLD_ENGINES_TIMEOUT:-120}))
  ports_of "$(setting ports base)"
  while [ ${#waiting[@]} -gt 0 ]; do
    left=()
    for engine in "${waiting[@]}"; do
      case $engine in kafka) kind=kafka port=$kafka_port ;; *) kind=cql port=$cql_port ;; esac
      if listens "$port" && answer=$("$here/probe" $kind "$port" 2>/dev/null); then
        [ $kind = kafka ] || printf 'version=%s\n' "$answer" >>"$dir/cassandra.settings"
        continue
      fi
      pid_of "$engine" >/dev/null || { show_logs; say "$engine ended while starting"; return 1; }
      left+=("$engine")
    done
    waiting=("${left[@]}")
    [ ${#waiting[@]} -eq 0 ] && break
    [ $SECONDS -lt $deadline ] || { show_logs; say "not ready in time: ${waiting[*]}"; return 1; }
    sleep 0.2
  done
}

show_logs() {
  local engine
  for engine in "${ENGINES[@]}"; do
    [ -s "$dir/$engine/$engine.log" ] || continue
    printf -- '---- last lines of %s\n' "$dir/$engine/$engine.log" >&2
    tail -n 50 "$dir/$engine/$engine.log" >&2
  done
}

# Does `down` for a process that ended without it, after some seconds in which the next test process
# may have come. It is known by what `register` noted, for it may have ended before this begins.
watch_over() { # pid
  local born
  born=$(cat "$dir/users/$1")
  (
    while [ -n "$born" ] && [ "$(stat_field "$1" 22)" = "$born" ]; do sleep 1; done
    sleep "${RINGFOLD_ENGINES_LINGER:-20}"
    [ "$(cat "$dir/users/$1")" = "$born" ] || exit 0
    RINGFOLD_ENGINES_USER=$1 exec "$here/down"
  ) </dev/null >/dev/null 2>&1 8>&- 9>&- &
}

print_result() { # engine…
  local engine line='' version
  for engine in "$@"; do
    case $engine in
      kafka)
        echo "RINGFOLD_TEST_KAFKA=127.0.0.1:$kafka_port"
        version=$(basename "$dir"/kafka/lib/kafka_2.13-*.jar .jar)
        line="$line, Apache Kafka ${version##*-}" ;;
      cassandra)
        echo "RINGFOLD_TEST_CQL=127.0.0.1:$cql_port"
        line="$line, Apache Cassandra $(setting cassandra version) (commit log $(setting cassandra commitlog))" ;;
    esac
  done
  echo "engines:${line#,}, Java $(java_version "$java_home")"
}
