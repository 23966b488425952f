//! The server's binary and its commands.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use accord_synth::SignIn;
use serde_json::Value;

/// The release binary.
pub struct Program(PathBuf);

impl Program {
    /// Builds it; cargo shows its progress.
    pub fn build() -> Result<Program, String> {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "-p", "accord-server"])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(crate::root())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| format!("cargo: {e}"))?;
        if !output.status.success() {
            return Err("the release binary does not build".to_owned());
        }
        executable(&String::from_utf8_lossy(&output.stdout))
            .map(Program)
            .ok_or_else(|| "cargo names no binary".to_owned())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A command of the binary.
    pub fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// Makes a store with a population whose present is now.
    pub fn synth(&self, data: &Path, patients: u32) -> Result<(), String> {
        let mut command = self.command();
        command.args(["synth", "--until", "now", "--patients", &patients.to_string()]);
        command.args(["--emergency", "40", "--attendances", "500"]);
        command.arg("--data").arg(data).stderr(Stdio::inherit());
        let text = text(command.output(), "the population cannot be made")?;
        super::report::step(&format!("the store holds {text}"));
        Ok(())
    }

    /// A bearer token for a sign-in.
    pub fn token(&self, data: &Path, who: &SignIn) -> Result<String, String> {
        let mut command = self.command();
        command.arg("token").arg("--data").arg(data);
        command.args(["--as", who.principal, "--role", who.role.code()]);
        command.args(["--purpose", who.purpose.code()]);
        if let Some(organization) = who.organization {
            command.args(["--organization", organization]);
        }
        command.stderr(Stdio::inherit());
        text(command.output(), "a token cannot be made")
    }
}

fn text(output: std::io::Result<Output>, failure: &str) -> Result<String, String> {
    let output = output.map_err(|e| format!("{failure}: {e}"))?;
    if !output.status.success() {
        return Err(failure.to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The executable among cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let named = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    };
    messages.lines().filter_map(named).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_messages() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                        {\"reason\":\"compiler-artifact\",\"executable\":\"a/accord\"}\n\
                        {\"reason\":\"build-finished\"}\n";
        assert_eq!(executable(messages), Some(PathBuf::from("a/accord")));
        assert_eq!(executable("{}"), None);
    }
}
