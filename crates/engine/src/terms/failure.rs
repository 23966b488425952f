//! What a question about codes that has no answer means to whoever asked.

use accord_fhir::IssueCode;
use accord_terminology::TermError;

use crate::{Category, Failure};

/// The failure that stands for it.
pub(crate) fn refused(error: &TermError) -> Failure {
    let (category, code) = match error {
        TermError::UnknownSystem(_)
        | TermError::UnknownValueSet(_)
        | TermError::UnknownMap
        | TermError::UnknownCode { .. } => (Category::NotFound, IssueCode::NotFound),
        TermError::NoContent { .. } => (Category::Unprocessable, IssueCode::NotFound),
        TermError::TooMany { .. } | TermError::TooMuchWork(_) | TermError::TooDeep(_) => {
            (Category::TooCostly, IssueCode::TooCostly)
        }
        TermError::Endless { .. } => (Category::Unprocessable, IssueCode::TooCostly),
        TermError::Filter { .. } => (Category::Unprocessable, IssueCode::NotSupported),
        TermError::Pattern(_) | TermError::Invalid(_) | TermError::Cycle(_) => {
            (Category::Unprocessable, IssueCode::Invalid)
        }
        TermError::Unreadable(_) => (Category::Fault, IssueCode::Exception),
    };
    Failure::new(category, code, error.to_string())
}
