//! Runs services as plain processes of the host. No isolation at all: for development, and only when asked for. The image is ignored,
//! so a service must name its command. Each port gets a free one on loopback, told in `PORT` (the first) and `PORT_<declared>`.
//!
//! Everything about a replica lies in its folder, so processes outlive the agent and the next one adopts them. Linux only: a process is
//! known by its id and start time, so that an id used again is never taken for it.

mod log;
mod pid;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use leasehold_sdl::ManifestService;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::{LogOptions, LogStream, Port, Replica, ReplicaState, Runtime, RuntimeError, Workload};
use crate::workload::{ports, WorkloadSpec};
use pid::Pid;

/// Between asking a process to end and ending it.
const GRACE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// For the shell to write the pid file.
const SPAWN_LIMIT: Duration = Duration::from_secs(10);

/// The process itself records who it is before it becomes the workload, so no crash of the agent can lose it. The link fails when
/// another process was first.
const LAUNCH: &str =
    r#"cat "/proc/$$/stat" > "$0.$$" && ln "$0.$$" "$0" && rm "$0.$$" && exec "$@""#;

pub struct ProcessRuntime {
    home: PathBuf,
    /// `PATH` of the services.
    path: String,
}

/// What a replica was started as.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    service: String,
    index: u32,
    revision: String,
    ports: Vec<Port>,
}

impl ProcessRuntime {
    /// Keeps its state in `home`. Services find the agent's own program on their `PATH`.
    ///
    /// # Errors
    /// A folder that cannot be made; a host without `/proc`.
    pub fn new(home: PathBuf) -> Result<Self, RuntimeError> {
        fs::create_dir_all(&home).map_err(RuntimeError::io(home.display().to_string()))?;
        Pid::own().map_err(RuntimeError::io("the process runtime needs Linux's /proc"))?;
        let program = std::env::current_exe().map_err(RuntimeError::io("own program"))?;
        let own = program.parent().map(|folder| folder.display().to_string());
        let host = std::env::var("PATH").ok();
        let path = own.into_iter().chain(host).collect::<Vec<_>>().join(":");
        Ok(Self { home, path })
    }

    /// Ends and deletes every workload of a home folder, whose agent must not run any more.
    ///
    /// # Errors
    /// As [`Runtime::list`] and [`Runtime::remove`].
    pub async fn remove_all(home: PathBuf) -> Result<(), RuntimeError> {
        let runtime = Self::new(home)?;
        for lease in runtime.leases()? {
            runtime.remove(lease).await?;
        }
        Ok(())
    }

    fn folder(&self, lease: u64) -> PathBuf {
        self.home.join(lease.to_string())
    }

    fn leases(&self) -> Result<Vec<u64>, RuntimeError> {
        let names = subfolders(&self.home)?;
        let ids = names
            .iter()
            .filter_map(|path| path.file_name()?.to_str()?.parse().ok());
        Ok(ids.collect())
    }

    fn workload(&self, lease: u64) -> Result<Workload, RuntimeError> {
        let folders = subfolders(&self.folder(lease))?;
        let replicas: Result<Vec<_>, _> = folders.iter().map(|folder| replica(folder)).collect();
        let mut replicas: Vec<Replica> = replicas?.into_iter().flatten().collect();
        replicas.sort_by(|a, b| (&a.service, a.index).cmp(&(&b.service, b.index)));
        Ok(Workload { lease, replicas })
    }

    async fn start_replica(
        &self,
        spec: &WorkloadSpec,
        service: &ManifestService,
        index: u32,
    ) -> Result<(), RuntimeError> {
        let folder = self
            .folder(spec.lease)
            .join(folder_name(&service.name, index));
        let running = replica(&folder)?.filter(|r| r.state == ReplicaState::Running);
        match running {
            Some(replica) if replica.revision == spec.revision => return Ok(()),
            _ => stop(&folder).await?,
        }
        let what = || folder.display().to_string();
        fs::create_dir_all(&folder).map_err(RuntimeError::io(what()))?;
        remove_file(&folder.join("pid")).map_err(RuntimeError::io(what()))?;
        let record = Record {
            service: service.name.clone(),
            index,
            revision: spec.revision.clone(),
            ports: free_ports(service).map_err(RuntimeError::io("a free port"))?,
        };
        write_record(&folder, &record)?;
        self.spawn(spec, service, &folder, &record).await
    }

    async fn spawn(
        &self,
        spec: &WorkloadSpec,
        service: &ManifestService,
        folder: &Path,
        record: &Record,
    ) -> Result<(), RuntimeError> {
        let command = command_line(service)?;
        let log = log::open(folder).map_err(RuntimeError::io("the log"))?;
        let errors = log.try_clone().map_err(RuntimeError::io("the log"))?;
        let pid_file = folder.join("pid");
        let mut child = Command::new("/bin/sh")
            .args(["-c", LAUNCH])
            .arg(&pid_file)
            .args(command)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", folder)
            .envs(env_pairs(spec.env(service)))
            .envs(port_env(&record.ports))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(RuntimeError::io(format!("start service {}", service.name)))?;
        let recorded = async {
            while !pid_file.exists() {
                if child.try_wait()?.is_some() {
                    return Err(io::Error::other("it ended before it started"));
                }
                sleep(LOOK_EVERY).await;
            }
            Ok(())
        };
        let in_time = timeout(SPAWN_LIMIT, recorded).await;
        in_time
            .unwrap_or_else(|late| Err(late.into()))
            .map_err(RuntimeError::io(format!("start service {}", service.name)))
    }
}

#[async_trait]
impl Runtime for ProcessRuntime {
    fn name(&self) -> &'static str {
        "process"
    }

    async fn list(&self) -> Result<Vec<Workload>, RuntimeError> {
        let mut workloads = Vec::new();
        for lease in self.leases()? {
            for folder in subfolders(&self.folder(lease))? {
                log::rotate(&folder).map_err(RuntimeError::io("log rotation"))?;
            }
            workloads.push(self.workload(lease)?);
        }
        Ok(workloads)
    }

    async fn start(&self, spec: &WorkloadSpec) -> Result<(), RuntimeError> {
        let wanted: Vec<_> = spec.each_replica().collect();
        let names: Vec<_> = wanted
            .iter()
            .map(|(s, i)| folder_name(&s.name, *i))
            .collect();
        for folder in subfolders(&self.folder(spec.lease))? {
            if !names.iter().any(|name| folder.ends_with(name)) {
                delete(&folder).await?;
            }
        }
        for (service, index) in wanted {
            self.start_replica(spec, service, index).await?;
        }
        Ok(())
    }

    async fn suspend(&self, lease: u64) -> Result<(), RuntimeError> {
        for folder in subfolders(&self.folder(lease))? {
            stop(&folder).await?;
        }
        Ok(())
    }

    async fn remove(&self, lease: u64) -> Result<(), RuntimeError> {
        self.suspend(lease).await?;
        delete(&self.folder(lease)).await
    }

    async fn logs(&self, lease: u64, options: LogOptions) -> Result<LogStream, RuntimeError> {
        let folders = subfolders(&self.folder(lease))?;
        let workload = self.workload(lease)?;
        let sources = workload.replicas.into_iter().filter_map(|r| {
            let name = folder_name(&r.service, r.index);
            let folder = folders.iter().find(|folder| folder.ends_with(&name))?;
            Some((r.service, r.index, folder.clone()))
        });
        Ok(log::stream(sources.collect(), options))
    }
}

/// Service names are DNS labels, but they come from the tenant.
fn folder_name(service: &str, index: u32) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    format!("{}-{index}", service.chars().map(safe).collect::<String>())
}

fn subfolders(folder: &Path) -> Result<Vec<PathBuf>, RuntimeError> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    };
    match list() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(RuntimeError::io(folder.display().to_string())),
    }
}

/// `None` for a folder whose replica was never started.
fn replica(folder: &Path) -> Result<Option<Replica>, RuntimeError> {
    let path = folder.join("replica.json");
    let text = match fs::read(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(RuntimeError::io(path.display().to_string()))?,
    };
    let record: Record = serde_json::from_slice(&text).map_err(|e| RuntimeError::Decode {
        what: path.display().to_string(),
        reason: e.to_string(),
    })?;
    let running = process(folder)?.is_some();
    Ok(Some(Replica {
        service: record.service,
        index: record.index,
        revision: record.revision,
        state: if running {
            ReplicaState::Running
        } else {
            ReplicaState::Exited
        },
        ports: record.ports,
    }))
}

/// The replica's process, if it lives.
fn process(folder: &Path) -> Result<Option<Pid>, RuntimeError> {
    let path = folder.join("pid");
    let found = Pid::read(&path).map_err(RuntimeError::io(path.display().to_string()))?;
    Ok(found.filter(Pid::is_alive))
}

fn write_record(folder: &Path, record: &Record) -> Result<(), RuntimeError> {
    let new = folder.join("replica.json.new");
    let text = serde_json::to_vec(record).map_err(|e| RuntimeError::Decode {
        what: "a replica's record".to_owned(),
        reason: e.to_string(),
    })?;
    fs::write(&new, text)
        .and_then(|()| fs::rename(&new, folder.join("replica.json")))
        .map_err(RuntimeError::io(new.display().to_string()))
}

/// Ends the replica's whole process group.
async fn stop(folder: &Path) -> Result<(), RuntimeError> {
    let Some(process) = process(folder)? else {
        return Ok(());
    };
    let failed = || RuntimeError::io(format!("end process {}", process.id()));
    process.signal_group(Signal::TERM).map_err(failed())?;
    let ended = async {
        while process.is_alive() {
            sleep(LOOK_EVERY).await;
        }
    };
    if timeout(GRACE, ended).await.is_err() {
        process.signal_group(Signal::KILL).map_err(failed())?;
        while process.is_alive() {
            sleep(LOOK_EVERY).await;
        }
    }
    Ok(())
}

async fn delete(folder: &Path) -> Result<(), RuntimeError> {
    stop(folder).await?;
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(RuntimeError::io(folder.display().to_string())),
    }
}

fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn command_line(service: &ManifestService) -> Result<Vec<String>, RuntimeError> {
    let command = service.command.clone().unwrap_or_default();
    if command.is_empty() {
        return Err(RuntimeError::Unsupported {
            service: service.name.clone(),
            reason: "the process runtime ignores the image, so the SDL must give a command"
                .to_owned(),
        });
    }
    Ok(command
        .into_iter()
        .chain(service.args.iter().flatten().cloned())
        .collect())
}

/// Held together until all are found, so that they differ.
fn free_ports(service: &ManifestService) -> io::Result<Vec<Port>> {
    let mut held = Vec::new();
    let mut found = Vec::new();
    for (port, proto) in ports(service) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address: SocketAddr = listener.local_addr()?;
        found.push(Port {
            port,
            proto,
            address,
        });
        held.push(listener);
    }
    Ok(found)
}

/// `NAME` without a value is empty.
fn env_pairs(env: Vec<String>) -> impl Iterator<Item = (String, String)> {
    env.into_iter().map(|entry| match entry.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (entry, String::new()),
    })
}

fn port_env(ports: &[Port]) -> Vec<(String, String)> {
    let each = ports
        .iter()
        .map(|p| (format!("PORT_{}", p.port), p.address.port().to_string()));
    let first = ports
        .first()
        .map(|p| ("PORT".to_owned(), p.address.port().to_string()));
    each.chain(first).collect()
}
