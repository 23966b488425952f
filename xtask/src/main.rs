//! Developer commands: `cargo xtask COMMAND ...`.

mod bench;
mod demo;
mod edges;
mod licences;
mod metadata;
mod spec;
mod test;
mod tidy;
mod web;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// A command: its name, what it does with which arguments, and its entry point.
struct Command {
    name: &'static str,
    usage: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const COMMANDS: &[Command] = &[
    Command { name: "demo", usage: demo::USAGE, run: demo::run },
    Command { name: "test", usage: "test                       run every check", run: test::run },
    Command {
        name: "form",
        usage: "form                       run those of them that take seconds: house rules, edges, format",
        run: test::form,
    },
    Command {
        name: "spec",
        usage: "spec --package PATH.tgz    write crates/spec/data from the official R4 package",
        run: |args| spec::run(args).map_err(|e| e.to_string()),
    },
    Command {
        name: "bench",
        usage: "bench [PATH...]            measure reads, writes and the import of PATH over a release build",
        run: bench::run,
    },
];

/// The root of the workspace.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else { return usage("no command given") };
    if matches!(name.as_str(), "help" | "-h" | "--help") {
        let _ = writeln!(std::io::stdout(), "{}", commands());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|c| c.name == name) else {
        return usage(&format!("unknown command `{name}`"));
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage(fault: &str) -> ExitCode {
    eprintln!("{fault}\n\n{}", commands());
    ExitCode::from(2)
}

fn commands() -> String {
    let lines: Vec<_> = COMMANDS.iter().map(|command| format!("  {}", command.usage)).collect();
    format!("usage: cargo xtask COMMAND\n\n{}", lines.join("\n"))
}
