//! Transaction bundles, written entry by entry and cut at a number of entries.

use crate::code::{ACT, hl7};
use crate::json::Json;
use crate::moment::Moment;

/// Base of the fullUrls of resources with ids of their own. The host does not exist; relative
/// references resolve against it to entries of the same bundle (FHIR R4 bundle §2.36.4.1).
const BASE: &str = "https://synthetic.example/fhir/";

/// How the entries of a bundle identify their resources.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `PUT Type/id` with ids chosen here: importing again changes nothing.
    Put,
    /// `POST Type`, referred to within the bundle by `urn:uuid:`.
    Post,
}

/// A finished bundle.
pub(crate) struct Finished {
    /// Instant of the newest content.
    pub newest: Moment,
    /// Number of entries.
    pub entries: usize,
    /// The bundle as JSON.
    pub body: String,
}

/// Collects entries into transaction bundles of at most `limit` entries.
pub(crate) struct Outbox {
    style: Style,
    limit: usize,
    json: Json,
    entries: usize,
    newest: Moment,
    done: Vec<Finished>,
}

impl Outbox {
    /// An empty outbox.
    pub fn new(style: Style, limit: usize) -> Outbox {
        let (json, done) = (Json::default(), Vec::new());
        Outbox { style, limit, json, entries: 0, newest: Moment::default(), done }
    }

    /// Adds a resource: its type, id, sensitivity label (empty for none) and the instant it is
    /// about; `body` writes the members after `meta`.
    pub fn put(
        &mut self,
        (kind, id): (&str, &str),
        label: &str,
        at: Moment,
        body: impl FnOnce(&mut Json),
    ) {
        self.open(at);
        let style = self.style;
        self.json.item(|j| {
            match style {
                Style::Put => j.show("fullUrl", format_args!("{BASE}{kind}/{id}")),
                Style::Post => j.show("fullUrl", format_args!("urn:uuid:{id}")),
            }
            j.object("resource", |j| {
                j.text("resourceType", kind);
                if style == Style::Put {
                    j.text("id", id);
                }
                write_labels(j, label);
                body(j);
            });
            j.object("request", |j| match style {
                Style::Put => {
                    j.text("method", "PUT");
                    j.show("url", format_args!("{kind}/{id}"));
                }
                Style::Post => {
                    j.text("method", "POST");
                    j.text("url", kind);
                }
            });
        });
    }

    /// Adds the deletion of a resource.
    pub fn delete(&mut self, kind: &str, id: &str, at: Moment) {
        self.open(at);
        self.json.item(|j| {
            j.object("request", |j| {
                j.text("method", "DELETE");
                j.show("url", format_args!("{kind}/{id}"));
            });
        });
    }

    /// Ends the open bundle and takes all that are finished.
    pub fn finish(&mut self) -> Vec<Finished> {
        self.close();
        std::mem::take(&mut self.done)
    }

    fn open(&mut self, at: Moment) {
        if self.entries == self.limit {
            self.close();
        }
        if self.entries == 0 {
            self.json.raw(r#"{"resourceType":"Bundle","type":"transaction","entry":["#);
            self.newest = at;
        }
        self.entries += 1;
        self.newest = self.newest.max(at);
    }

    fn close(&mut self) {
        if self.entries > 0 {
            self.json.raw("]}");
            let body = self.json.take();
            self.done.push(Finished { newest: self.newest, entries: self.entries, body });
            self.entries = 0;
        }
    }
}

/// Writes `meta.security`: the sensitivity, and `R` (restricted), which every labelled resource
/// carries; the label `R` alone names no sensitivity.
fn write_labels(j: &mut Json, label: &str) {
    let restricted = hl7!("v3-Confidentiality", "R", "restricted");
    let display = match label {
        "" => return,
        "PSY" => "psychiatry disorder information sensitivity",
        "HIV" => "HIV/AIDS information sensitivity",
        "SDV" => "sexual assault, abuse, or domestic violence information sensitivity",
        "ETH" => "substance abuse information sensitivity",
        _ => return j.object("meta", |j| j.codings("security", &[restricted])),
    };
    j.object("meta", |j| {
        j.list("security", |j| {
            for (system, code, display) in
                [(ACT, label, display), (restricted.system, restricted.code, restricted.display)]
            {
                j.item(|j| {
                    j.text("system", system);
                    j.text("code", code);
                    j.text("display", display);
                });
            }
        });
    });
}
