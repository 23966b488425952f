//! Access records: drafted when a request arrives, completed with its outcome, sealed, appended.

use std::borrow::Cow;
use std::sync::Arc;

use accord_access::Interaction as Code;
use accord_audit::{
    AccessRecord, Decision, MAX_QUERY_BYTES, NONCE_BYTES, SALT_BYTES, SealKey, Target,
};
use accord_base::{LogTime, ResourceId, Rng, Subject};
use accord_spec::ResourceType;
use accord_store::access::AccessStream;

use crate::{Category, Failure, Interaction, PatchOf, Request};
use accord_fhir::IssueCode;

/// What access records call searches that go on.
const LIVE: &str = "$live";

/// What is known of an access before its outcome.
#[derive(Clone)]
pub(crate) struct Draft {
    /// The request's name.
    pub request_id: String,
    /// Who asks; `None` if nobody was authenticated.
    pub who: Option<Arc<Subject>>,
    /// Code of the interaction.
    pub interaction: Cow<'static, str>,
    /// What the request names.
    pub target: Option<Target>,
    /// The query as received.
    pub query: Vec<u8>,
}

/// How an access ended.
pub(crate) struct Ending<'a> {
    /// The instant of the decision.
    pub at: LogTime,
    /// The state it was taken on.
    pub policy_as_of: LogTime,
    /// Patients whose data the answer draws on.
    pub patients: &'a [ResourceId],
    /// Whether access was granted.
    pub permit: bool,
    /// Codes of the deciding rules.
    pub rules: Vec<Cow<'static, str>>,
    /// Status of the answer.
    pub status: u16,
}

impl Draft {
    /// The draft of a request.
    pub fn of(request: &Request) -> Draft {
        let (target, query) = target(&request.interaction);
        Draft {
            request_id: request.request_id.clone(),
            who: Some(request.subject.clone()),
            interaction: Cow::Borrowed(match &request.interaction {
                Interaction::Live(_) => LIVE,
                Interaction::Metas(_) => Code::Meta.code(),
                interaction => interaction.code().code(),
            }),
            target,
            query,
        }
    }

    /// The records of an access that ended so; several where it touched many patients.
    pub fn finish(self, ending: Ending<'_>) -> Vec<AccessRecord> {
        let record = AccessRecord {
            at: ending.at,
            policy_as_of: ending.policy_as_of,
            request_id: self.request_id,
            part: 0,
            following: Some(0),
            who: self.who,
            interaction: self.interaction,
            target: self.target,
            query: self.query,
            patients: Vec::new(),
            decision: Decision { permit: ending.permit, rules: ending.rules },
            status: ending.status,
        };
        record.split(ending.patients)
    }
}

fn target(interaction: &Interaction) -> (Option<Target>, Vec<u8>) {
    let at = |resource_type: ResourceType, id: Option<&ResourceId>, version: Option<u32>| {
        let resource_type = Cow::Borrowed(resource_type.name());
        Some(Target { resource_type, id: id.cloned(), version })
    };
    let cut = |text: &str| text.as_bytes().iter().copied().take(MAX_QUERY_BYTES).collect();
    match interaction {
        Interaction::Read { resource_type, id, .. }
        | Interaction::Update { resource_type, id, .. }
        | Interaction::Meta { resource_type, id }
        | Interaction::Delete { resource_type, id, .. } => {
            (at(*resource_type, Some(id), None), Vec::new())
        }
        Interaction::Vread { resource_type, id, version } => {
            (at(*resource_type, Some(id), Some(*version)), Vec::new())
        }
        Interaction::History { of, params } => {
            let target = match of {
                crate::HistoryOf::Instance(resource_type, id) => at(*resource_type, Some(id), None),
                crate::HistoryOf::Type(resource_type) => at(*resource_type, None, None),
                crate::HistoryOf::System => None,
            };
            (target, cut(&joined(params)))
        }
        Interaction::Search { resource_type, raw, .. } => {
            (resource_type.and_then(|t| at(t, None, None)), cut(raw))
        }
        Interaction::Metas(of) => (of.and_then(|t| at(t, None, None)), Vec::new()),
        Interaction::Compartment(search) => {
            (at(search.owner, Some(&search.id), None), cut(&search.raw))
        }
        Interaction::Create { resource_type, if_none_exist, .. } => {
            (at(*resource_type, None, None), cut(if_none_exist.as_deref().unwrap_or_default()))
        }
        Interaction::ConditionalUpdate { resource_type, condition, .. }
        | Interaction::ConditionalDelete { resource_type, condition, .. } => {
            (at(*resource_type, None, None), cut(&joined(condition)))
        }
        Interaction::Patch(patch) => match &patch.of {
            PatchOf::Id(id) => (at(patch.resource_type, Some(id), None), Vec::new()),
            PatchOf::Where(condition) => {
                (at(patch.resource_type, None, None), cut(&joined(condition)))
            }
        },
        Interaction::Bundle { .. } => (None, Vec::new()),
        Interaction::Live(live) => (None, cut(&live.criteria.join("&"))),
        Interaction::Operation(operation) => {
            let target = operation.resource_type().and_then(|t| at(t, operation.id.as_ref(), None));
            // A resource that is only looked at is nobody's to keep.
            if operation.body.is_empty() || operation.signature.code == Code::Validate {
                return (target, cut(&joined(&operation.params)));
            }
            let asked = &operation.body;
            (target, asked.iter().copied().take(MAX_QUERY_BYTES).collect())
        }
    }
}

fn joined(params: &[(String, String)]) -> String {
    let pairs: Vec<String> = params.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.join("&")
}

/// Seals access records and appends those that do not travel with a write.
pub(crate) struct Recorder {
    key: SealKey,
    stream: AccessStream,
    rng: Arc<dyn Rng>,
}

impl Recorder {
    /// Over an open stream, sealing under `key`.
    pub fn new(key: SealKey, stream: AccessStream, rng: Arc<dyn Rng>) -> Recorder {
        Recorder { key, stream, rng }
    }

    /// The stream, to be flushed and verified.
    pub fn stream(&self) -> &AccessStream {
        &self.stream
    }

    /// Seals a record into the bytes of a leaf.
    pub fn seal(&self, record: &AccessRecord) -> Result<Vec<u8>, Failure> {
        let mut fresh = [0u8; SALT_BYTES + NONCE_BYTES];
        self.rng.fill(&mut fresh);
        let (salt, nonce) = fresh.split_at(SALT_BYTES);
        let salt = salt.try_into().unwrap_or_default();
        let nonce = nonce.try_into().unwrap_or_default();
        accord_audit::seal(record, &self.key, salt, nonce).map_err(|error| unrecordable(&error))
    }

    /// Gives the records of an access their place in the stream. They are written only when
    /// [`Recorder::settle`] has returned for the number of the last.
    pub fn enqueue(&self, records: &[AccessRecord]) -> Result<u64, Failure> {
        let mut last = 0;
        for record in records {
            let sealed = self.seal(record)?;
            last = self.stream.enqueue(&sealed).map_err(|error| unrecordable(&error))?;
        }
        Ok(last)
    }

    /// Hands what waits to the operating system, up to this number at least.
    pub fn settle(&self, sequence: u64) -> Result<(), Failure> {
        self.stream.write_through(sequence).map_err(|error| unrecordable(&error))
    }

    /// Appends the records of an access. They are with the operating system when this returns.
    ///
    /// # Errors
    /// If one cannot be written the request must fail: no data leaves without its record.
    pub fn append(&self, records: &[AccessRecord]) -> Result<(), Failure> {
        let last = self.enqueue(records)?;
        self.settle(last)
    }
}

fn unrecordable(error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::error!(error, "an access could not be recorded");
    Failure::new(Category::Fault, IssueCode::Exception, "the access could not be recorded")
}
