//! The operations of the terminology service (FHIR R4 §4.7): the parameters are read here, the
//! answers come from `accord_terminology` with the definitions that the asker may see.

mod asked;
mod codes;
mod context;
mod expand;
mod find;
mod lookup;
mod translate;

use accord_access::Interaction as Code;
use accord_index::View;

use super::Operation;
use crate::interaction::Drawn;
use crate::interaction::late::in_time;
use crate::terms::Definitions;
use crate::{Answer, Engine, Failure, Request};
use asked::Asked;

/// A question about codes.
struct Question<'a> {
    engine: &'a Engine,
    view: &'a View,
    operation: &'a Operation,
    asked: Asked,
    library: Definitions<'a>,
}

impl Engine {
    /// Answers an operation on code systems, value sets or concept maps. No patient is touched.
    pub(super) fn ask_terms(&self, request: &Request, operation: &Operation, view: View) -> Drawn {
        let view = view.until(request.deadline.clone());
        let answer = in_time(request).and_then(|()| self.try_ask_terms(operation, &view));
        (answer.map(Answer::Resource), Vec::new())
    }

    fn try_ask_terms(&self, operation: &Operation, view: &View) -> Result<String, Failure> {
        let on_set = operation.signature.on == "ValueSet";
        let known = match operation.signature.code {
            Code::Expand => expand::PARAMETERS,
            Code::ValidateCode if on_set => codes::IN_SET,
            Code::ValidateCode => codes::IN_SYSTEM,
            Code::Lookup => lookup::PARAMETERS,
            Code::Subsumes => codes::SUBSUMES,
            _ => translate::PARAMETERS,
        };
        let asked = Asked::read(operation, known)?;
        let library = Definitions::new(self, view);
        let mut question = Question { engine: self, view, operation, asked, library };
        question.passing()?;
        match operation.signature.code {
            Code::Expand => question.expand(),
            Code::ValidateCode if on_set => question.validate_in_set(),
            Code::ValidateCode => question.validate_in_system(),
            Code::Lookup => question.lookup(),
            Code::Subsumes => question.subsumes(),
            _ => question.translate(),
        }
    }
}
