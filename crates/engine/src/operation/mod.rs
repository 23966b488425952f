//! Operations (FHIR R4 §3.2): what is asked beyond the REST interactions. One file each.

mod throttle;
mod trace;

use std::sync::Arc;

use accord_access::Interaction as Code;
use accord_base::ResourceId;
use accord_fhir::IssueCode;
use accord_index::View;
use accord_spec::ResourceType;

use crate::interaction::Drawn;
use crate::{Category, Engine, Failure, Request};

pub(crate) use throttle::Throttle;

/// What an operation is called and how it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The operation, as decisions and access records name it.
    pub code: Code,
    /// Name of the type it is defined on.
    pub on: &'static str,
    /// Whether it is asked of an instance; of the type otherwise.
    pub instance: bool,
    /// Whether it may be asked by `GET`. What names a person must not stand in a URL.
    pub get: bool,
}

impl Signature {
    /// The name, with its dollar sign.
    pub fn name(&self) -> &'static str {
        self.code.code()
    }
}

/// Every operation.
pub static OPERATIONS: &[Signature] = &[
    Signature { code: Code::Trace, on: "Patient", instance: false, get: false },
    Signature { code: Code::WhoLooked, on: "Patient", instance: true, get: true },
];

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
}

/// How often one person may look for others.
pub(crate) fn traces() -> Throttle {
    Throttle::new(trace::MOST_TRACES, trace::TRACE_SPAN_US)
}

impl Engine {
    /// Answers an operation that writes nothing.
    pub(crate) fn operate(&self, request: &Request, operation: &Operation, view: View) -> Drawn {
        match operation.signature.code {
            Code::Trace => self.trace(request, operation, view),
            Code::WhoLooked => self.who_looked(request, operation, view.scope()),
            _ => (Err(unsupported()), Vec::new()),
        }
    }
}

fn unsupported() -> Failure {
    Failure::new(Category::Unsupported, IssueCode::NotSupported, "the operation is not supported")
}
