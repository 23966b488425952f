//! The rules that a site works by: its schemes, and which of them says how long people wait.

use std::sync::{Arc, LazyLock};

use accord_care::{Library, Targets, TriageScheme};
use accord_engine::{Category, Failure, Zones};
use accord_fhir::{IssueCode, Zone};

use crate::unfit;

/// Scheme whose intervals count where a site chose no other.
const TRIAGE: &str = "ats";

/// Schemes, the one whose waits and intervals count where no other is named, and what clocks on the
/// wall show.
#[derive(Clone, Debug)]
pub struct Rules {
    library: Library,
    triage: TriageScheme,
    zones: Zones,
}

/// Why a site cannot work by a scheme.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no triage scheme `{id}`; there are {known}")]
pub struct NoScheme {
    /// The id that was asked for.
    pub id: String,
    /// Those that there are.
    pub known: String,
}

impl Rules {
    /// The rules of a site that chose the triage scheme of this id; without one, that of the
    /// Australasian Triage Scale.
    ///
    /// # Errors
    /// If there is no such scheme, or none that may be used here.
    pub fn new(library: Library, triage: Option<&str>) -> Result<Rules, NoScheme> {
        let id = triage.unwrap_or(TRIAGE);
        match library.triage(id).cloned() {
            Some(triage) => Ok(Rules { library, triage, zones: Zones::default() }),
            None => {
                let known: Vec<&str> = library.headers().map(|header| header.id.as_str()).collect();
                let known = known.into_iter().filter(|id| library.triage(id).is_some());
                let known = known.collect::<Vec<_>>().join(", ");
                Err(NoScheme { id: id.to_owned(), known })
            }
        }
    }

    /// The same where people read the clocks of these zones.
    pub fn in_zones(self, zones: Zones) -> Rules {
        Rules { zones, ..self }
    }

    /// The rules that come along.
    ///
    /// # Errors
    /// If the tables that come along are faulty.
    pub fn built_in() -> Result<Arc<Rules>, Failure> {
        static RULES: LazyLock<Result<Arc<Rules>, String>> = LazyLock::new(|| {
            let library = Library::built_in().map_err(ToString::to_string)?.clone();
            let rules = Rules::new(library, None).map_err(|error| error.to_string())?;
            Ok(Arc::new(rules))
        });
        let fault = |text| Failure::new(Category::Fault, IssueCode::Exception, text);
        RULES.clone().map_err(fault)
    }

    /// All schemes.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The scheme whose intervals count.
    pub fn triage(&self) -> &TriageScheme {
        &self.triage
    }

    /// The clocks.
    pub(crate) fn targets(&self) -> &Targets {
        self.library.targets()
    }

    /// The zone of an organisation, or of all.
    pub(crate) fn zone(&self, organization: Option<&str>) -> &dyn Zone {
        self.zones.at(organization.unwrap_or_default())
    }

    /// The triage scheme that is named, or the one of the site.
    pub(crate) fn named(&self, id: Option<&str>) -> Result<&TriageScheme, Failure> {
        let Some(id) = id else { return Ok(&self.triage) };
        self.library.triage(id).ok_or_else(|| unfit("the triage scheme is not known here"))
    }
}
