//! Stores that a measurement makes for itself, asked inside the engine.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accord_base::{Deadline, ResourceId, Subject};
use accord_engine::{Answer, BundleOptions, Engine, Interaction, NewStore, Options, Request};

/// Resources in a transaction of the filling.
const IN_BUNDLE: usize = 500;

/// An open store, asked as the operator.
pub struct Fresh {
    /// The store.
    pub engine: Arc<Engine>,
    system: Arc<Subject>,
}

impl Fresh {
    /// A new store in a folder that is not there yet.
    pub fn new(folder: &Path, options: &Options) -> io::Result<Fresh> {
        create(folder)?;
        Fresh::open(folder, options)
    }

    /// The store in a folder.
    pub fn open(folder: &Path, options: &Options) -> io::Result<Fresh> {
        let engine = Engine::open(folder, options).map_err(io::Error::other)?;
        Ok(Fresh { engine, system: Arc::new(Subject::system("benchmark")) })
    }

    /// An answer, and how long it took with everything it takes.
    pub fn ask(&self, interaction: Interaction) -> io::Result<(Answer, Duration)> {
        let request = Request {
            subject: Arc::clone(&self.system),
            interaction,
            request_id: "bench".to_owned(),
            controller: None,
            deadline: Deadline::NEVER,
        };
        let begun = Instant::now();
        let answer = self.engine.handle_blocking(request);
        let took = begun.elapsed();
        answer.map(|answer| (answer, took)).map_err(|f| io::Error::other(format!("{:?}", f.issues)))
    }

    /// A transaction; as an import makes it, where that is asked for.
    pub fn bundle(&self, entries: &[String], import: bool) -> io::Result<Duration> {
        let text = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#,
            entries.join(",")
        );
        let options = BundleOptions { skip_unchanged: import, ..BundleOptions::default() };
        let body = Arc::from(text.into_bytes());
        Ok(self.ask(Interaction::Bundle { body, options })?.1)
    }

    /// Puts resources with ids, many in a transaction.
    pub fn fill(&self, resources: impl Iterator<Item = (String, String)>) -> io::Result<()> {
        let mut waiting = Vec::new();
        for (url, body) in resources {
            waiting.push(put(&url, &body));
            if waiting.len() == IN_BUNDLE {
                self.bundle(&waiting, true)?;
                waiting.clear();
            }
        }
        if waiting.is_empty() { Ok(()) } else { self.bundle(&waiting, true).map(drop) }
    }
}

/// Makes a store in a folder that is not there yet.
pub fn create(folder: &Path) -> io::Result<()> {
    let new = NewStore {
        origin: "accord.example/bench".to_owned(),
        default_controller: ResourceId::new("bench").map_err(io::Error::other)?,
        test_principals: false,
    };
    accord_engine::create(folder, &new).map_err(io::Error::other)
}

/// An entry that puts a resource.
pub fn put(url: &str, body: &str) -> String {
    format!(r#"{{"resource":{body},"request":{{"method":"PUT","url":"{url}"}}}}"#)
}
