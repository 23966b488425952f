//! `cargo xtask bench`: builds the release binaries and measures them. Figures are for people and
//! for docs/performance.md; no test asserts on them.

use std::process::Command;

/// Runs every benchmark; arguments are what `import` is measured on.
pub fn run(args: &[String]) -> Result<(), String> {
    let root = crate::root();
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(&root);
        status(command)
    };
    cargo(&["build", "--release", "--locked", "-p", "accord-server", "-p", "accord-bench"])?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    let (bench, accord) = (target.join("release/accord-bench"), target.join("release/accord"));
    let mut import = Command::new(&bench);
    import.arg("import").arg("--accord").arg(&accord).args(args);
    status(import)?;
    let mut http = Command::new(&bench);
    http.arg("http").arg("--accord").arg(&accord).stderr(std::process::Stdio::null());
    status(http)?;
    // Each makes a store of about a million resources first, which takes a minute.
    for what in ["cost", "search"] {
        let mut measured = Command::new(&bench);
        measured.arg(what).arg("--accord").arg(&accord).stderr(std::process::Stdio::null());
        status(measured)?;
    }
    let mut counts = Command::new(&bench);
    counts.arg("counts");
    // Without valgrind everything else is measured all the same.
    status(counts).or_else(|error| {
        eprintln!("instructions were not counted: {error}");
        Ok(())
    })
}

fn status(mut command: Command) -> Result<(), String> {
    let name = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
