#!/usr/bin/env bash
# Runs a command with DOCKER_HOST naming a container engine of our own: a private Podman with its store, config and socket in one
# temporary folder, ended and removed afterwards.
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
cat >"$dir/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=2048:2048"]
log_driver = "k8s-file"
[network]
network_backend = "netavark"
[engine]
events_logger = "file"
$([ -d /run/systemd/system ] || echo 'cgroup_manager = "cgroupfs"')
$([ -e /sys/fs/cgroup/cgroup.controllers ] || echo 'runtime = "runc"')
CONF
cat >"$dir/storage.conf" <<CONF
[storage]
driver = "overlay"
runroot = "$dir/run"
graphroot = "$dir/store"
CONF
# Plain HTTP with registries of this machine, as Docker does it by itself; the tests serve one.
cat >"$dir/registries.conf" <<CONF
[[registry]]
location = "127.0.0.1"
insecure = true
CONF
export CONTAINERS_CONF=$dir/containers.conf CONTAINERS_STORAGE_CONF=$dir/storage.conf
export CONTAINERS_REGISTRIES_CONF=$dir/registries.conf
podman system service --time=0 "unix://$dir/engine.sock" >"$dir/service.log" 2>&1 &
service=$!
cleanup() {
  podman rm --all --force >/dev/null 2>&1 || echo "could not remove the containers in $dir" >&2
  kill "$service"
  wait "$service" 2>/dev/null || true
  rm -rf "$dir" || echo "left behind: $dir" >&2
}
trap cleanup EXIT
for _ in $(seq 100); do
  [ -S "$dir/engine.sock" ] && break
  sleep 0.1
done
[ -S "$dir/engine.sock" ] || { cat "$dir/service.log" >&2; exit 1; }
DOCKER_HOST=unix://$dir/engine.sock "$@"
