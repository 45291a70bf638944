//! What the tests run on.

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub const HELLO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hello.yaml");

/// A devchain of its own, ended with the test.
pub struct Town {
    pub home: TempDir,
    pub node: String,
    processes: Vec<Child>,
}

impl Town {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut dev = leasehold(home.path())
            .args(["--json", "dev", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("leasehold dev starts");
        let announced = announcement(&mut dev);
        let node = announced["node"].as_str().expect("its address").to_owned();
        Town {
            home,
            node,
            processes: vec![dev],
        }
    }

    pub fn command(&self) -> Command {
        let mut command = leasehold(self.home.path());
        command.env("LEASEHOLD_NODE", &self.node);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command()
            .args(args)
            .stdin(Stdio::null())
            .output()
            .expect("leasehold runs")
    }

    /// Standard output as JSON, of a command that must succeed.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["--json"], args].concat());
        assert!(
            output.status.success(),
            "{args:?}: {}",
            text(&output.stderr)
        );
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{args:?}: {error}: {}", text(&output.stdout)))
    }

    /// What a command that must fail says.
    pub fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(
            !output.status.success(),
            "{args:?} should fail: {}",
            text(&output.stdout)
        );
        text(&output.stderr)
    }

    /// Lets time pass on the chain, all at once.
    pub fn advance(&self, seconds: u64) {
        let address = format!("{}/dev_advance?seconds={seconds}", self.node);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let answer = runtime.block_on(reqwest::get(address));
        let answer = answer.and_then(reqwest::Response::error_for_status);
        answer.expect("the devchain takes it");
    }

    /// A service that runs with the town, its log beside the providers'.
    pub fn service(&mut self, name: &str, args: &[&str]) {
        let log = self.log(name);
        let service = self
            .command()
            .args(args)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("a service starts");
        self.processes.push(service);
    }

    /// What a service says of itself at its start.
    pub fn announced(&mut self, name: &str, args: &[&str]) -> Value {
        let log = self.log(name);
        let mut service = self
            .command()
            .arg("--json")
            .args(args)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("a service starts");
        let announced = announcement(&mut service);
        self.processes.push(service);
        announced
    }

    fn log(&self, name: &str) -> std::fs::File {
        std::fs::File::create(self.home.path().join(format!("{name}.log"))).expect("a log file")
    }

    /// Ends the service that was started last.
    pub fn end_last(&mut self) {
        let mut last = self.processes.pop().expect("a service");
        last.kill().and_then(|()| last.wait()).expect("it ends");
    }

    pub fn provider(&mut self, name: &str) {
        self.provider_with(name, &[]);
    }

    pub fn provider_with(&mut self, name: &str, more: &[&str]) {
        let log = self.log(name);
        let provider = self
            .command()
            .args([
                "--from",
                name,
                "provider",
                "run",
                "--runtime",
                "process",
                "--bond",
                "1000000000uakt",
            ])
            .args(["--gateway", "127.0.0.1:0", "--ingress", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("a provider starts");
        self.processes.push(provider);
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            if let Err(error) = process.kill().and_then(|()| process.wait().map(drop)) {
                eprintln!("cannot end process {}: {error}", process.id());
            }
        }
        let providers = self.home.path().join("providers");
        for provider in std::fs::read_dir(providers).into_iter().flatten().flatten() {
            let folder = provider.path().join("process");
            let cleared = tokio::runtime::Runtime::new().map(|runtime| {
                runtime
                    .block_on(leasehold_agent::runtime::process::ProcessRuntime::remove_all(folder))
            });
            if !matches!(cleared, Ok(Ok(()))) {
                eprintln!("workloads may be left behind: {cleared:?}");
            }
        }
    }
}

/// The first JSON that a service prints.
fn announcement(service: &mut Child) -> Value {
    let stdout = service.stdout.take().expect("a pipe");
    serde_json::Deserializer::from_reader(BufReader::new(stdout))
        .into_iter()
        .next()
        .expect("it announces itself")
        .expect("as JSON")
}

pub fn leasehold(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leasehold"));
    command.arg("--home").arg(home);
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// An example with other lines in some places, as a file of the town's.
pub fn variant(town: &Town, changes: &[(&str, &str)]) -> String {
    let mut text = std::fs::read_to_string(HELLO).expect("the example");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let path = town.home.path().join("app.yaml");
    std::fs::write(&path, text).expect("a file");
    path.to_string_lossy().into_owned()
}
