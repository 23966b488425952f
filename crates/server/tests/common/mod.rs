//! The real binary, driven as people drive it.
#![allow(dead_code, reason = "every test file uses a part of it")]

pub mod http;
pub mod time;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use http::Client;
use tempfile::TempDir;

/// The binary under test, quiet.
pub fn accord() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accord"));
    command.env("RUST_LOG", "warn").stdin(Stdio::null());
    command
}

/// What a command said.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    fn of(output: Output) -> Said {
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The command did all its work.
    #[track_caller]
    pub fn good(self) -> Said {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.err);
        self
    }

    /// The command found or refused something.
    #[track_caller]
    pub fn found(self) -> Said {
        assert_eq!(self.code, Some(1), "{}\n{}", self.out, self.err);
        self
    }
}

/// Runs the binary with these arguments.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Said {
    Said::of(accord().args(arguments).output().unwrap())
}

/// A store in a folder of its own.
pub struct Store {
    pub folder: TempDir,
}

impl Store {
    /// A new, empty store that mints tokens for anyone.
    pub fn new() -> Store {
        let folder = TempDir::new().unwrap();
        let store = Store { folder };
        store
            .command("init", &["--test-principals", "--default-controller", "northgate-hospital"])
            .good();
        store
    }

    /// A store with a synthetic population that ends now.
    pub fn with_patients(patients: u32, until: &str) -> Store {
        let store = Store::new();
        let patients = patients.to_string();
        store.command("synth", &["--patients", &patients, "--until", until]).good();
        store
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Runs a command on the store.
    pub fn command(&self, command: &str, arguments: &[&str]) -> Said {
        let mut all = accord();
        all.arg(command).arg("--data").arg(self.path()).args(arguments);
        Said::of(all.output().unwrap())
    }

    pub fn import(&self, arguments: &[&str], paths: &[&Path]) -> Said {
        let mut all = accord();
        all.arg("import").arg("--data").arg(self.path()).args(arguments).args(paths);
        Said::of(all.output().unwrap())
    }

    /// A token of the operator.
    pub fn system(&self) -> String {
        self.token(&["--system", "test"])
    }

    pub fn token(&self, arguments: &[&str]) -> String {
        self.command("token", arguments).good().out.trim().to_owned()
    }

    /// A token of a clinician.
    pub fn clinician(&self, practitioner: &str, organization: &str) -> String {
        let who = format!("Practitioner/{practitioner}");
        let organization = format!("Organization/{organization}");
        self.token(&["--as", &who, "--role", "clinician", "--organization", &organization])
    }

    pub fn serve(&self) -> Server {
        Server::start(&self.path(), &self.folder.path().join("server.log"))
    }

    /// `accord verify` and `accord check` find nothing.
    #[track_caller]
    pub fn assert_sound(&self) {
        self.command("verify", &[]).good();
        self.command("check", &[]).good();
    }
}

/// A running server on a free port.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn start(data: &Path, log: &Path) -> Server {
        Server::start_with(data, log, &[])
    }

    /// The same with further arguments.
    pub fn start_with(data: &Path, log: &Path, arguments: &[&str]) -> Server {
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut child = accord()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("said `{line}`"));
        let address = address.split('/').next().unwrap().to_owned();
        Server { child, address }
    }

    pub fn client(&self, token: &str) -> Client {
        Client::new(&self.address, Some(token))
    }

    /// As `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As an operator stops it; the server ends its work.
    pub fn stop(&mut self) {
        let signal = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already, when a test stopped or killed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
