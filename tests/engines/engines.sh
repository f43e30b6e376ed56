# shellcheck shell=bash disable=SC2154,SC2034
# What up, down and kill have in common: places, settings that outlive a call, pid files, users.
# Sourced by them with $here set; starts and stops nothing by itself. The contract stands in `up`.
export LC_ALL=C

root=$(cd "$here/../.." && pwd)
dir=${RINGFOLD_ENGINES_DIR:-$root/target/engines}
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
ENGINES=(kafka cassandra)

say() { printf 'engines: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# One caller at a time; the others wait. Engines must not inherit the descriptor: they close 9.
lock() {
  mkdir -p "$dir/users"
  exec 9>"$dir/lock"
  flock -w 900 9 || die "another up or down has held $dir/lock for 15 minutes"
}

is_engine() { [ "$1" = kafka ] || [ "$1" = cassandra ]; }
name_of() { case $1 in kafka) echo "Apache Kafka" ;; cassandra) echo "Apache Cassandra" ;; esac; }

# ---- what was decided for a data folder: ports and modes, one `key=value` a line -----------------
setting() { # engine|ports, key
  sed -n "s/^$2=//p" "$dir/$1.settings" 2>/dev/null | tail -n 1
}

# ---- processes ----------------------------------------------------------------------------------
# A pid file alone proves nothing: the number may be somebody else's by now. The command line of an
# engine carries the folder it belongs to.
marker() { printf -- '-Dringfold.engine=%s/%s' "$dir" "$1"; }

pid_of() { # engine; prints the pid of the running process, or fails
  local pid
  pid=$(cat "$dir/$1/pid" 2>/dev/null) || return 1
  [ -r "/proc/$pid/cmdline" ] || return 1
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -f <(marker "$1") || return 1
  [ "$(state_of "$pid")" != Z ] && printf '%s\n' "$pid"
}

stat_field() { # pid, number of the field in proc(5), 3 or more
  local line
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The second field, the name, may hold blanks and brackets.
  printf '%s\n' "${line##*) }" | cut -d' ' -f"$(($2 - 2))"
}
state_of() { stat_field "$1" 3; }

# SIGTERM, ten seconds, SIGKILL. A stopped process must run to notice the first.
stop_engine() { # engine
  local pid tries=0
  pid=$(pid_of "$1") || { rm -f "$dir/$1/pid"; return 0; }
  kill -TERM "$pid" 2>/dev/null
  kill -CONT "$pid" 2>/dev/null
  while pid_of "$1" >/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -eq 50 ] && kill -KILL "$pid" 2>/dev/null
    [ "$tries" -gt 100 ] && die "$1 (pid $pid) does not end"
    sleep 0.2
  done
  rm -f "$dir/$1/pid"
}

# `cargo clean` under a running engine takes its data and its pid file: nothing is left to go on with.
stop_strays() {
  local engine file
  for engine in "${ENGINES[@]}"; do
    [ -e "$dir/$engine/pid" ] && continue
    # The pattern comes from a file, or grep would find itself.
    # shellcheck disable=SC2013 # no blanks in these names
    for file in $(grep -lsF -f <(marker "$engine") /proc/[0-9]*/cmdline); do
      mkdir -p "$dir/$engine"
      file=${file%/cmdline}
      printf '%s\n' "${file#/proc/}" >"$dir/$engine/pid"
      pid_of "$engine" >/dev/null && say "stopping a stray $engine" && stop_engine "$engine"
    done
    rm -f "$dir/$engine/pid"
  done
}

has_data() { [ -d "$dir/$1/data" ]; }

remove_data() { # engine
  local part
  for part in data commitlog saved_caches hints cdc_raw triggers logs tmp; do
    rm -rf "${dir:?}/$1/$part"
  done
  rm -f "$dir/$1.settings"
}

# ---- users --------------------------------------------------------------------------------------
# Who may not lose the engines: a file per process, named by its pid, with its start time in it, so
# that a run which was killed does not hold them for ever.
user_key() { printf '%s' "${RINGFOLD_ENGINES_USER:-$PPID}"; }

register() { stat_field "$1" 22 >"$dir/users/$1" 2>/dev/null || rm -f "$dir/users/$1"; }

live_users() { # prints the pids, forgets the dead
  local file pid
  for file in "$dir"/users/*; do
    [ -e "$file" ] || continue
    pid=${file##*/}
    if [ "$(cat "$file")" = "$(stat_field "$pid" 22)" ]; then printf '%s ' "$pid"; else rm -f "$file"; fi
  done
}
