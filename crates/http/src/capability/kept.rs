//! The statement as it was made last: it changes with the search parameters that a store defines.

use accord_base::LogTime;
use accord_spec::{ParamId, SearchParam};
use bytes::Bytes;
use parking_lot::Mutex;

use super::{Facts, statement};
use crate::app::Options;
use crate::base_url::BaseUrl;

/// The CapabilityStatement.
pub(crate) struct Statement {
    started: LogTime,
    /// What it was made with besides the official parameters, and its JSON.
    last: Mutex<(Vec<ParamId>, Bytes)>,
}

impl Statement {
    /// That of a server which started then, and whose store defines no parameters.
    pub fn new(options: &Options, started: LogTime) -> Statement {
        let last = Mutex::new((Vec::new(), made(options, started, &[])));
        Statement { started, last }
    }

    /// The statement with these parameters beside the official ones.
    pub fn now(&self, options: &Options, own: &[&'static SearchParam]) -> Bytes {
        let ids: Vec<ParamId> = own.iter().map(|param| param.id).collect();
        let mut last = self.last.lock();
        if last.0 != ids {
            *last = (ids, made(options, self.started, own));
        }
        last.1.clone()
    }
}

fn made(options: &Options, date: LogTime, own: &[&'static SearchParam]) -> Bytes {
    let facts = Facts {
        date,
        version: env!("CARGO_PKG_VERSION"),
        identity: options.identity.as_ref().is_some_and(|all| all.foreign().is_none()),
        base: options.base_url.as_ref().map(BaseUrl::as_str),
        types: options.types,
        searchable: options.searchable,
        own,
    };
    statement(&facts).into()
}

#[cfg(test)]
mod tests {
    use accord_spec::{ParamKind, ResourceType};

    use super::*;

    static OWN: SearchParam = SearchParam {
        id: ParamId(ParamId::OWN.start),
        code: "by-whom",
        base: Some(ResourceType::OBSERVATION),
        kind: ParamKind::Reference,
        expression: "Observation.performer",
        targets: &[ResourceType::PRACTITIONER],
        url: "http://x.org/\"quoted\"",
        components: &[],
    };

    #[test]
    fn parameters_of_the_stores_own_come_and_go() {
        let options = Options::default();
        let kept = Statement::new(&options, LogTime(0));
        let text = |own: &[&'static SearchParam]| {
            String::from_utf8(kept.now(&options, own).to_vec()).unwrap()
        };
        let none = text(&[]);
        assert!(!none.contains("by-whom"));
        let with = text(&[&OWN]);
        let listed =
            r#"{"name":"by-whom","definition":"http://x.org/\"quoted\"","type":"reference"}"#;
        assert!(with.contains(listed), "among those of the type");
        assert_eq!(with.matches("Observation:by-whom").count(), 2, "each way");
        assert_eq!(text(&[]), none);
    }
}
