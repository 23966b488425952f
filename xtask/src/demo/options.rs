//! The command line of the demonstration.

use std::path::PathBuf;

/// What was asked for.
#[derive(PartialEq, Eq, Debug)]
pub struct Options {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Folder of the store.
    pub data: PathBuf,
    /// Number of patients.
    pub patients: u32,
    /// Ask the questions, compare, and end.
    pub check: bool,
}

impl Options {
    /// Reads the arguments after `demo`.
    pub fn parse(args: &[String]) -> Result<Options, String> {
        let check = args.iter().any(|arg| arg == "--check");
        let name = if check { "target/demo-check" } else { "target/demo" };
        // Without `xtask/..` in it, where that can be had: the path is shown.
        let root = crate::root().canonicalize().unwrap_or_else(|_| crate::root());
        let mut options = Options {
            port: if check { 0 } else { 8080 },
            data: root.join(name),
            patients: 200,
            check,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("`{arg}` needs a value"));
            match arg.as_str() {
                "--check" => {}
                "--port" => options.port = number(value()?)?,
                "--data" => options.data = PathBuf::from(value()?),
                "--patients" => options.patients = number(value()?)?,
                _ => return Err(format!("unknown argument `{arg}`")),
            }
        }
        if options.patients < 3 {
            return Err("at least 3 patients are needed: the sign-ins are among them".to_owned());
        }
        Ok(options)
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number that fits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&args)
    }

    #[test]
    fn arguments_are_read() {
        let options = parse("--port 9 --data d --patients 7").unwrap();
        let data = PathBuf::from("d");
        assert_eq!(options, Options { port: 9, data, patients: 7, check: false });
        let plain = parse("").unwrap();
        assert_eq!((plain.port, plain.patients, plain.check), (8080, 200, false));
        let check = parse("--check").unwrap();
        assert!(check.check && check.port == 0 && check.data != plain.data);
    }

    #[test]
    fn faults_are_named() {
        for (line, fault) in [
            ("--port", "`--port` needs a value"),
            ("--port x", "`x`"),
            ("--port 65536", "`65536`"),
            ("--patients 2", "at least 3"),
            ("--force", "`--force`"),
        ] {
            let told = parse(line).unwrap_err();
            assert!(told.contains(fault), "{told}");
        }
    }
}
