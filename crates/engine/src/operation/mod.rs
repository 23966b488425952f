//! Operations (FHIR R4 §3.2): what is asked beyond the REST interactions. One file each.

mod claim;
mod everything;
mod explain;
mod lastn;
mod matching;
mod parameters;
mod person;
mod preview;
mod receipt;
mod supersede;
mod terms;
mod then;
mod throttle;
mod trace;
mod transfer;
mod validate;

use std::sync::{Arc, LazyLock};

use accord_access::{AccessRequest, Interaction as Code};
use accord_audit::tree::Frontier;
use accord_base::ResourceId;
use accord_fhir::IssueCode;
use accord_index::View;
use accord_spec::ResourceType;

use crate::interaction::Drawn;
use crate::prepare::Prepared;
use crate::writer::Written;
use crate::{Category, Engine, Failure, Outcome, Request};

pub(crate) use person::Ready;
pub(crate) use throttle::Throttle;
pub(crate) use transfer::Transfer;

/// What an operation is called and how it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The operation, as decisions and access records name it.
    pub code: Code,
    /// Name of the type it is defined on.
    pub on: &'static str,
    /// Whether it is asked of an instance; of the type otherwise.
    pub instance: bool,
    /// By which methods it is asked.
    pub by: By,
}

/// By which methods an operation is asked. What names a person must not stand in a URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// `GET`, with the parameters in the URL.
    Get,
    /// `POST`, with the parameters as a resource.
    Post,
    /// Either.
    Either,
}

impl By {
    /// Whether it is asked by `POST`, or by `GET`.
    pub fn allows(self, post: bool) -> bool {
        match self {
            By::Get => !post,
            By::Post => post,
            By::Either => true,
        }
    }
}

impl Signature {
    /// The name, with its dollar sign.
    pub fn name(&self) -> &'static str {
        self.code.code()
    }
}

/// Operations on single types.
const OF_TYPES: &[Signature] = &[
    Signature { code: Code::Trace, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::WhoLooked, on: "Patient", instance: true, by: By::Get },
    Signature { code: Code::ExplainAccess, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::Preview, on: "Consent", instance: false, by: By::Post },
    Signature { code: Code::File, on: "Consent", instance: false, by: By::Post },
    Signature { code: Code::Revoke, on: "Consent", instance: true, by: By::Post },
    Signature { code: Code::Supersede, on: "Consent", instance: true, by: By::Post },
    Signature { code: Code::Claim, on: "Patient", instance: true, by: By::Post },
    Signature { code: Code::BreakGlass, on: "Patient", instance: true, by: By::Post },
    Signature { code: Code::Everything, on: "Patient", instance: false, by: By::Either },
    Signature { code: Code::Everything, on: "Patient", instance: true, by: By::Either },
    Signature { code: Code::Everything, on: "Encounter", instance: true, by: By::Either },
    Signature { code: Code::LastN, on: "Observation", instance: false, by: By::Get },
    Signature { code: Code::Match, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::Duplicates, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::Merge, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::Unmerge, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::MoveResource, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::OfferTransfer, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::AcceptTransfer, on: "Patient", instance: false, by: By::Post },
    Signature { code: Code::Expand, on: "ValueSet", instance: false, by: By::Either },
    Signature { code: Code::Expand, on: "ValueSet", instance: true, by: By::Either },
    Signature { code: Code::ValidateCode, on: "ValueSet", instance: false, by: By::Either },
    Signature { code: Code::ValidateCode, on: "ValueSet", instance: true, by: By::Either },
    Signature { code: Code::ValidateCode, on: "CodeSystem", instance: false, by: By::Either },
    Signature { code: Code::ValidateCode, on: "CodeSystem", instance: true, by: By::Either },
    Signature { code: Code::Lookup, on: "CodeSystem", instance: false, by: By::Either },
    Signature { code: Code::Subsumes, on: "CodeSystem", instance: false, by: By::Either },
    Signature { code: Code::Subsumes, on: "CodeSystem", instance: true, by: By::Either },
    Signature { code: Code::Translate, on: "ConceptMap", instance: false, by: By::Either },
    Signature { code: Code::Translate, on: "ConceptMap", instance: true, by: By::Either },
];

/// Every operation.
pub static OPERATIONS: LazyLock<Vec<Signature>> = LazyLock::new(|| {
    let on_all = ResourceType::ALL.into_iter().flat_map(|ty| {
        let of = |instance, by| Signature { code: Code::Validate, on: ty.name(), instance, by };
        [of(false, By::Post), of(true, By::Either)]
    });
    OF_TYPES.iter().copied().chain(on_all).collect()
});

/// An operation as it was asked.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Which.
    pub signature: &'static Signature,
    /// The instance, where it is asked of one.
    pub id: Option<ResourceId>,
    /// Parameters of the query.
    pub params: Vec<(String, String)>,
    /// The Parameters resource as received; empty for `GET`.
    pub body: Arc<[u8]>,
}

impl Operation {
    /// The type it is defined on.
    pub fn resource_type(&self) -> Option<ResourceType> {
        ResourceType::from_name(self.signature.on)
    }

    /// The write that it stands for; `None` if it writes nothing.
    pub(crate) fn stands_for(&self) -> Option<AccessRequest> {
        let (interaction, on) = match self.signature.code {
            Code::File => (Code::Create, "Consent"),
            // What is new is decided by the writer, with the end of what was.
            Code::Revoke | Code::Supersede => (Code::Update, "Consent"),
            Code::Claim | Code::BreakGlass => (Code::Create, "Task"),
            _ => return None,
        };
        Some(AccessRequest { interaction, resource_type: ResourceType::from_name(on) })
    }

    /// Whether it changes the store: by itself, or by the write that it stands for.
    pub(crate) fn writes(&self) -> bool {
        self.signature.code.writes() || self.stands_for().is_some()
    }

    /// An operation that is a search under another name, asked by `GET`.
    pub(crate) fn search(
        on: &str,
        id: Option<ResourceId>,
        name: &str,
        params: Vec<(String, String)>,
    ) -> Option<Operation> {
        let is_search = |o: &&Signature| matches!(o.code, Code::Everything | Code::LastN);
        let asked = |o: &&Signature| o.on == on && o.name() == name && o.instance == id.is_some();
        let signature = OPERATIONS.iter().find(|o| is_search(o) && asked(o))?;
        Some(Operation { signature, id, params, body: Arc::from([]) })
    }

    /// Whether it is answered with a receipt.
    pub(crate) fn gives_receipt(&self) -> bool {
        matches!(self.signature.code, Code::File | Code::Revoke | Code::Supersede)
    }
}

/// How often one person may look for others.
pub(crate) fn traces() -> Throttle {
    Throttle::new(trace::MOST_TRACES, trace::TRACE_SPAN_US)
}

impl Engine {
    /// Prepares an operation that writes, or stands for a write.
    pub(crate) fn prepare_operation(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Ready, Failure> {
        let prepared = match operation.signature.code {
            Code::File => self.prepare_file(request, operation),
            Code::Revoke => self.prepare_revoke(request, operation),
            Code::Supersede => self.prepare_supersede(request, operation),
            code @ (Code::Claim | Code::BreakGlass) => {
                self.prepare_claim(request, operation, code == Code::BreakGlass)
            }
            code @ (Code::OfferTransfer | Code::AcceptTransfer) => {
                return self.prepare_transfer(request, operation, code == Code::AcceptTransfer);
            }
            _ => return self.prepare_person(request, operation),
        };
        prepared.map(Ready::Write)
    }

    /// The answer to an operation whose write is durable; `before` is the log tree from before it.
    pub(crate) fn operated(
        &self,
        (request, operation): (&Request, &Operation),
        done: (&Prepared, &[Written]),
        before: Option<&Frontier>,
    ) -> Outcome {
        self.alert(done.0, done.1);
        match before {
            Some(before) => self.receipt(request, done, before),
            None if operation.signature.code.writes() => self.rewritten(request, operation, done),
            None => self.claimed(done.0, done.1),
        }
    }

    /// Answers an operation that writes nothing.
    pub(crate) fn operate(&self, request: &Request, operation: &Operation, view: View) -> Drawn {
        match operation.signature.code {
            Code::Trace => self.trace(request, operation, view),
            Code::Everything => self.everything(request, operation, view),
            Code::LastN => self.last_n(request, operation, view),
            Code::WhoLooked => self.who_looked(request, operation, view.scope()),
            Code::ExplainAccess => self.explain_access(request, operation, &view),
            Code::Preview => self.preview(request, operation, &view),
            Code::Validate => self.validate(operation, &view),
            Code::Match => self.find_match(operation, &view),
            Code::Duplicates => self.duplicates(request, operation, view),
            Code::Expand | Code::ValidateCode | Code::Lookup | Code::Subsumes | Code::Translate => {
                self.ask_terms(request, operation, view)
            }
            _ => (Err(unsupported()), Vec::new()),
        }
    }
}

pub(crate) fn unsupported() -> Failure {
    Failure::new(Category::Unsupported, IssueCode::NotSupported, "the operation is not supported")
}
